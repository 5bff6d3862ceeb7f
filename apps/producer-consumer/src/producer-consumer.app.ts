import { z } from 'zod';
import { FrameSender, Requester } from '@aisle/broker';
import { ClusterRegistry, NameRepository, type ClusterRegistryEvent } from '@aisle/cluster';
import { ConsumerProtocol, PipelineProtocol } from '@aisle/contracts';
import { createPool } from '@aisle/persistence';
import { BaseConfig, LeaseConfig, createBrokerApp, showTree, type AppContext, type RunningApp } from '@aisle/platform';
import { uuidv7 } from '@aisle/std';
import { System, type Crash } from '@aisle/supervision';
import { Gauge, errorFields, type Logger } from '@aisle/telemetry';
import { GroupHolders, holdersHere, type Holders } from './holder/holder.ts';
import { startParts } from './parts.ts';
import { EveryPipeline } from './pipeline/every-pipeline.ts';
import { showLetters } from './pipeline/show-letters.ts';
import { ProducerConsumerModule } from './producer-consumer.module.ts';
import { producerConsumerSchema } from './schema.ts';

const ProducerConsumerConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
  ...LeaseConfig.shape,
  /** Consumers in this process at once; beyond it, starting another is refused. */
  CONSUMERS_LIVE_MAX: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
  /** Events a second that all pipelines of a process may be set to make: a million fill a tenth of a core. Same on every node. */
  PIPELINES_RATE_MAX: z.coerce.number().positive().default(1_000_000),
  /** Events that may be with their consumers at once: a million take some 20 MiB. Same on every node. */
  PIPELINES_EVENTS_MAX: z.coerce.number().int().min(1).default(1_000_000),
  /** Producers and consumers of all pipelines: each takes some KiB, and time to start. Same on every node. */
  PIPELINES_STAGES_MAX: z.coerce.number().int().min(1).default(500),
});

type Context = AppContext<z.infer<typeof ProducerConsumerConfig>>;

/** The queue on which any process of the app answers. */
const QUEUE = ConsumerProtocol.start.queue;
const PROTOCOLS = [ConsumerProtocol, PipelineProtocol];
const RESUME_MS = 2_000;
/** Connections that pages of consumers and of their messages are read by. */
const PAGES_AT_ONCE = 2;

/** Named consumers, and pipelines. Any number of processes run side by side; each name is borne by one of them. */
export const producerConsumer = { name: 'producer-consumer', config: ProducerConsumerConfig, start };

/** The app, and where to look at what it does. */
export interface RunningProducerConsumer extends RunningApp {
  /** The pipelines of the whole group. */
  readonly pipelines: EveryPipeline;
}

async function start(context: Context): Promise<RunningProducerConsumer> {
  const { config, logger, runtime, transport, metrics } = context;
  const incarnation = uuidv7(runtime);
  const queue = `${QUEUE}-${incarnation}`;
  const { schema } = producerConsumerSchema;
  const connection = { url: config.DATABASE_URL, schema, applicationName: incarnation };
  // Apart, so that a lease is renewed however many messages wait for their commit, and these are committed whatever is read.
  const [names, store] = [createPool({ ...connection, poolMax: 1 }), createPool({ ...connection, poolMax: 2 })];
  const pages = createPool({ ...connection, poolMax: PAGES_AT_ONCE });
  const system = new System(runtime, { hooks: { onCrash: (crash) => logCrash(logger, crash) } });
  const everywhere = new ClusterRegistry({
    storage: new NameRepository(names), system, incarnation, queue,
    times: { leaseMs: config.LEASE_MS, marginMs: config.LEASE_MARGIN_MS },
    onEvent: (event) => logRegistryEvent(logger, event),
  });
  await everywhere.join();
  const parts = await startParts({
    system, everywhere, store, pages, metrics,
    consumersMax: config.CONSUMERS_LIVE_MAX,
    pipelinesMax: {
      eventsPerSecond: config.PIPELINES_RATE_MAX, eventsUnderWay: config.PIPELINES_EVENTS_MAX, stages: config.PIPELINES_STAGES_MAX,
    },
  });

  const outbox = new FrameSender({ transport, runtime });
  const requester = new Requester({ transport, runtime, sender: outbox, replyQueue: `${queue}-replies` });
  const serve = async (name: string, holders: Holders): Promise<{ close(): Promise<void> }> => {
    const server = await createBrokerApp(ProducerConsumerModule.with({ ...parts, holders }), {
      ...context, queue: name, protocols: PROTOCOLS, turns: PAGES_AT_ONCE,
    });
    await server.listen();
    return server;
  };
  const group = new GroupHolders({ everywhere, incarnation, requester, runtime });
  const servers = [await serve(queue, holdersHere), await serve(QUEUE, group)];
  const resume = (): Promise<void> =>
    parts.pipelines.resume().catch((error: unknown) => logger.warn('pipelines not resumed', errorFields(error)));
  await resume();
  const resuming = runtime.timers.every(RESUME_MS, () => void resume(), { background: true });
  showTree(context, system);
  const pipelines = new EveryPipeline(parts.pipelines, group, runtime);
  showLetters(context, { here: parts.pipelines, everywhere: pipelines });
  new Gauge({
    name: 'names_held',
    help: 'consumers and pipelines of this process',
    registers: [metrics],
    collect() {
      this.set(everywhere.count);
    },
  });

  return {
    pipelines,
    // What came in is answered before the names are free: who is asked next brings each back from the store.
    async stop() {
      resuming.cancel();
      for (const server of servers.reverse()) await server.close();
      await requester.close();
      await parts.stop();
      await everywhere.leave();
      await Promise.all([names.end(), store.end(), pages.end()]);
    },
  };
}

/** A crash by a fault is what was asked for; metrics count it. */
function logCrash(logger: Logger, { ref, reason }: Crash): void {
  const error = typeof reason === 'object' && 'error' in reason ? reason.error : reason;
  if ((error as Partial<Error> | undefined)?.name === 'InjectedCrash') return;
  logger.error('process crashed', { process: ref.label, ...errorFields(error) });
}

function logRegistryEvent(logger: Logger, event: ClusterRegistryEvent): void {
  if ('error' in event) logger.warn(event.kind, errorFields(event.error));
  else logger.warn(event.kind, event);
}
