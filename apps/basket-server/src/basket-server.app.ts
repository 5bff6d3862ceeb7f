import { z } from 'zod';
import { NodeLease, NodeLeaseRepository, ShardClaims } from '@aisle/cluster';
import { Journal, PostgresStorage } from '@aisle/journal';
import { createDataSource, createPool } from '@aisle/persistence';
import { BaseConfig, createBrokerApp, type AppContext, type RunningApp } from '@aisle/platform';
import { createRuleSet, referenceRules } from '@aisle/pricing';
import { Registry } from '@aisle/registry';
import { uuidv7 } from '@aisle/std';
import { Supervisor, System } from '@aisle/supervision';
import { errorFields } from '@aisle/telemetry';
import { BasketServerModule } from './basket-server.module.ts';
import { DYNAMIC_USER_BASKET_SUPERVISOR, basketServerTree } from './basket-server.tree.ts';
import { Baskets } from './basket/baskets.ts';
import { Prices } from './pricing/prices.ts';
import { CatalogueRepository } from './catalogue/catalogue.repository.ts';
import { MarketRow } from './catalogue/market.row.ts';
import { ProductRow } from './catalogue/product.row.ts';


const BasketServerConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
});

type Context = AppContext<z.infer<typeof BasketServerConfig>>;

/** Hosts baskets. Any number of them run side by side, each with its share of the shards. */
export const basketServer = { name: 'basket-server', config: BasketServerConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, logger, runtime, health } = context;
  const incarnation = uuidv7(runtime);
  const queue = `basket-server-${incarnation}`;
  const connection = { url: config.DATABASE_URL, schema: 'basket', applicationName: incarnation };
  const database = await createDataSource({ ...connection, poolMax: 2, entities: [MarketRow, ProductRow] });
  const catalogue = await new CatalogueRepository(database).load();
  const prices = new Prices(createRuleSet(1, referenceRules()), catalogue, runtime.clock);

  // One connection commits: two would halve the groups, and a commit costs more than what it carries (ADR 7).
  const storage = new PostgresStorage({ ...connection, incarnation, runtime, lanes: 1 });
  const journal = new Journal({ storage, runtime });
  const shards = new ShardClaims(journal);
  const system = new System(runtime, {
    hooks: {
      onCrash: ({ ref, reason }) =>
        logger.error('process crashed', {
          process: ref.label,
          ...errorFields(typeof reason === 'object' && 'error' in reason ? reason.error : reason),
        }),
    },
  });
  const root = await system.start(basketServerTree());
  const baskets = new Baskets({
    journal,
    shards,
    registry: new Registry(system, { keys: 'unique' }),
    supervisor: Supervisor.child(root, DYNAMIC_USER_BASKET_SUPERVISOR),
  });

  const server = await createBrokerApp(BasketServerModule.with({ baskets, prices }), { ...context, queue });
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

  health.check('journal', () => (journal.retryAfterMs > 0 ? 'PostgreSQL is away' : undefined));
  context.view('tree', () => system.observe());

  return {
    // No new commands, the last ones answered, every basket ended, and only then the shards given back.
    async stop() {
      await lease.leave();
      await server.close();
      await root.stop('shutdown', 'infinity');
      await shards.releaseAll();
      await journal.close();
      await Promise.all([pool.end(), database.destroy()]);
    },
  };
}
