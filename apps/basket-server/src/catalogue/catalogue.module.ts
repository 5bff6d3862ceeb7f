import { DataSource } from '@aisle/persistence/nest';
import { APP_CONTEXT, EventViewsModule, Incarnation, consumerReport, failureReport } from '@aisle/platform';
import { ShutdownPlan } from '@aisle/std';
import { Module } from '@nestjs/common';
import { connectionOf, type BasketServerContext } from '../basket-server.config.ts';
import { CatalogueInForce } from './catalogue-in-force.ts';
import { CATALOGUE_CONSUMER, startCatalogue } from './start-catalogue.ts';

/** The catalogue that prices are made by, followed and written. */
@Module({
  imports: [
    EventViewsModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      useFactory: (context: BasketServerContext, incarnation: Incarnation) =>
        ({ connection: connectionOf(context, incarnation), consumers: [CATALOGUE_CONSUMER] }),
    }),
  ],
  providers: [{
    provide: CatalogueInForce,
    inject: [DataSource, APP_CONTEXT, Incarnation, ShutdownPlan],
    async useFactory(database: DataSource, context: BasketServerContext, incarnation: Incarnation, plan: ShutdownPlan): Promise<CatalogueInForce> {
      const catalogue = await startCatalogue({
        database, connection: connectionOf(context, incarnation), runtime: context.runtime, backbone: await context.backbone(),
        onEvent: consumerReport(context), onFailed: failureReport(context, 'catalogue not read'),
      });
      plan.add({ phase: 'followers', name: 'catalogue', stop: () => catalogue.stop() });
      return catalogue.inForce;
    },
  }],
  exports: [CatalogueInForce],
})
export class CatalogueModule {}
