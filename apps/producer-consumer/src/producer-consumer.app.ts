import { z } from 'zod';
import { Outbox, Requester } from '@aisle/broker';
import { ClusterRegistry, NameRepository, type ClusterRegistryEvent } from '@aisle/cluster';
import { createPool } from '@aisle/persistence';
import { BaseConfig, LeaseConfig, createBrokerApp, type AppContext, type RunningApp } from '@aisle/platform';
import { Registry } from '@aisle/registry';
import { uuidv7 } from '@aisle/std';
import { Supervisor, System } from '@aisle/supervision';
import { Gauge, errorFields, type Logger } from '@aisle/telemetry';
import { ConsumerRepository } from './consumer/consumer.repository.ts';
import { Consumers } from './consumer/consumers.ts';
import { MessageLog } from './consumer/message-log.ts';
import { GroupHolders, holdersHere, type Holders } from './holder/holder.ts';
import { ProducerConsumerModule } from './producer-consumer.module.ts';
import { DYNAMIC_CONSUMER_SUPERVISOR, STATE_KEEPER, producerConsumerTree } from './producer-consumer.tree.ts';

const ProducerConsumerConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
  ...LeaseConfig.shape,
  /** Consumers in this process at once; beyond it, starting another is refused. */
  CONSUMERS_LIVE_MAX: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
});

type Context = AppContext<z.infer<typeof ProducerConsumerConfig>>;

/** The queue on which any process of the app answers. */
const QUEUE = 'producer-consumer';

/** Named consumers. Any number of processes run side by side; each name is borne by one of them. */
export const producerConsumer = { name: 'producer-consumer', config: ProducerConsumerConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, logger, runtime, transport, metrics, view } = context;
  const incarnation = uuidv7(runtime);
  const queue = `${QUEUE}-${incarnation}`;
  const connection = { url: config.DATABASE_URL, schema: 'producer_consumer', applicationName: incarnation };
  // Apart, so that a lease is renewed however many messages wait for their commit.
  const [names, store] = [createPool({ ...connection, poolMax: 1 }), createPool({ ...connection, poolMax: 2 })];
  const system = new System(runtime, {
    hooks: {
      onCrash: ({ ref, reason }) =>
        logger.error('process crashed', {
          process: ref.label,
          ...errorFields(typeof reason === 'object' && 'error' in reason ? reason.error : reason),
        }),
    },
  });
  const everywhere = new ClusterRegistry({
    storage: new NameRepository(names), system, incarnation, queue,
    times: { leaseMs: config.LEASE_MS, marginMs: config.LEASE_MARGIN_MS },
    onEvent: (event) => logRegistryEvent(logger, event),
  });
  await everywhere.join();
  const root = await system.start(producerConsumerTree(config.CONSUMERS_LIVE_MAX));
  const repository = new ConsumerRepository(store);
  const consumers = new Consumers({
    here: new Registry(system, { keys: 'unique' }),
    everywhere, repository, runtime,
    log: new MessageLog(repository),
    keeper: Supervisor.child(root, STATE_KEEPER),
    supervisor: Supervisor.child(root, DYNAMIC_CONSUMER_SUPERVISOR),
  });

  const outbox = new Outbox({ transport, runtime });
  const requester = new Requester({ transport, runtime, outbox, replyQueue: `${queue}-replies` });
  const serve = async (name: string, holders: Holders): Promise<{ close(): Promise<void> }> => {
    const server = await createBrokerApp(ProducerConsumerModule.with({ consumers, holders }), { ...context, queue: name });
    await server.listen();
    return server;
  };
  const servers = [
    await serve(queue, holdersHere),
    await serve(QUEUE, new GroupHolders({ everywhere, incarnation, requester, runtime })),
  ];
  view('tree', () => system.observe());
  new Gauge({
    name: 'names_held',
    help: 'consumers and pipelines of this process',
    registers: [metrics],
    collect() {
      this.set(everywhere.count);
    },
  });

  return {
    // What came in is answered before the names are free: who is asked next brings each back from the store.
    async stop() {
      for (const server of servers.reverse()) await server.close();
      await requester.close();
      await root.stop('shutdown', 'infinity');
      await everywhere.leave();
      await Promise.all([names.end(), store.end()]);
    },
  };
}

function logRegistryEvent(logger: Logger, event: ClusterRegistryEvent): void {
  if ('error' in event) logger.warn(event.kind, errorFields(event.error));
  else logger.warn(event.kind, event);
}
