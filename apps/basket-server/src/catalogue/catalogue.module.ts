import { DataSource } from '@aisle/persistence/nest';
import { LOGGER, RUNTIME, failureReport, part, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { CatalogueInForce } from './catalogue-in-force.ts';
import { CatalogueProjection } from './catalogue-projection.ts';
import { CatalogueRepository } from './catalogue.repository.ts';

/** The catalogue that prices are made by, followed and written. */
@Module({
  providers: [
    provided(CatalogueRepository, [DataSource]),
    part('followers', 'catalogue', provided(CatalogueInForce, { repository: CatalogueRepository, runtime: RUNTIME, logger: LOGGER },
      ({ logger, ...parts }) => new CatalogueInForce({ ...parts, onFailed: failureReport({ logger }, 'catalogue not read') }))),
    provided(CatalogueProjection, [CatalogueRepository, CatalogueInForce]),
  ],
  exports: [CatalogueInForce, CatalogueProjection],
})
export class CatalogueModule {}
