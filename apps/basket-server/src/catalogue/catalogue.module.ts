import { DataSource } from '@aisle/persistence/nest';
import { LOGGER, RUNTIME, failureReport, part, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { CatalogueFollower } from './catalogue-follower.ts';
import { CatalogueProjection } from './catalogue-projection.ts';
import { CatalogueRepository } from './catalogue.repository.ts';

/** The catalogue for prices: its follower and its projection. */
@Module({
  providers: [
    provided(CatalogueRepository, [DataSource]),
    part('followers', 'catalogue', provided(CatalogueFollower, { repository: CatalogueRepository, runtime: RUNTIME, logger: LOGGER },
      ({ logger, ...parts }) => new CatalogueFollower({ ...parts, onFailed: failureReport({ logger }, 'catalogue not read') }))),
    provided(CatalogueProjection, [CatalogueRepository, CatalogueFollower]),
  ],
  exports: [CatalogueFollower, CatalogueProjection],
})
export class CatalogueModule {}
