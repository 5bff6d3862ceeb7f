import { z } from 'zod';
import { NodeLease, NodeLeaseRepository } from '@aisle/cluster';
import { createDataSource, createPool } from '@aisle/persistence';
import { BaseConfig, createBrokerApp, type AppContext, type RunningApp } from '@aisle/platform';
import { createRuleSet, referenceRules } from '@aisle/pricing';
import { uuidv7 } from '@aisle/std';
import { errorFields } from '@aisle/telemetry';
import { BasketServerModule } from './basket-server.module.ts';
import { Baskets } from './basket/baskets.ts';
import { CatalogueRepository } from './catalogue/catalogue.repository.ts';
import { MarketRow } from './catalogue/market.row.ts';
import { ProductRow } from './catalogue/product.row.ts';
import { Quotes } from './quote/quotes.ts';

const BasketServerConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
});

type Context = AppContext<z.infer<typeof BasketServerConfig>>;

/** Hosts baskets. Any number of them run side by side, each with its share of the shards. */
export const basketServer = { name: 'basket-server', config: BasketServerConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, logger, runtime } = context;
  const connection = { url: config.DATABASE_URL, schema: 'basket', applicationName: config.INSTANCE };
  const database = await createDataSource({
    ...connection,
    poolMax: 2,
    entities: [MarketRow, ProductRow],
  });
  const prices = {
    rules: createRuleSet(1, referenceRules()),
    catalogue: await new CatalogueRepository(database).load(),
  };

  const incarnation = uuidv7(runtime);
  const queue = `basket-server-${incarnation}`;
  const server = await createBrokerApp(
    BasketServerModule.with({
      baskets: new Baskets(prices, runtime.clock),
      quotes: new Quotes(prices, runtime.clock),
    }),
    { ...context, queue },
  );
  await server.listen();

  const pool = createPool({ ...connection, poolMax: 1 });
  const lease = new NodeLease({
    leases: new NodeLeaseRepository(pool),
    runtime,
    incarnation,
    queue,
    onMissed: (error) => logger.warn('lease not renewed', errorFields(error)),
  });
  await lease.join();

  return {
    async stop() {
      await lease.leave();
      await server.close();
      await Promise.all([pool.end(), database.destroy()]);
    },
  };
}
