import type { z } from 'zod';
import { sleep, systemRuntime, type Runtime } from '@aisle/std';
import { BadConfiguration, readConfig, type BaseConfig } from './config.ts';
import { Health } from './health.ts';
import { redisLinks, type Links, type LinksOptions } from './links.ts';
import { OpsRoutes } from './ops-routes.ts';
import { startOpsServer } from './ops-server.ts';
import { isPassing } from './passing.ts';
import { createLogger, errorFields, type Logger } from './telemetry/logger.ts';
import { createMetrics, type Registry } from './telemetry/metrics.ts';
import { startWatchdog } from './watchdog/watchdog.ts';

/** What an app is given to run on. */
export interface AppContext<C> extends Omit<Links, 'close'> {
  readonly config: C;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly health: Pick<Health, 'check' | 'readiness'>;
  /** Adds a read-only view for operators to the ops port: `GET /ops/<name>`, with a query that fits the schema. */
  readonly view: OpsRoutes['view'];
  /** Adds a change that operators may ask for: `POST /ops/<name>`, with a JSON body that fits the schema. */
  readonly operation: OpsRoutes['operation'];
}

/** A started app. `stop` hands over and finishes what is in flight; nothing may be lost by it. */
export interface RunningApp {
  stop(): Promise<void>;
}

/** What makes an app of a process: its configuration, and how it starts on it. */
export interface AppDefinition<S extends typeof BaseConfig> {
  readonly name: string;
  readonly config: S;
  start(context: AppContext<z.infer<S>>): Promise<RunningApp>;
  /** Over Redis, unless all apps share one process. */
  links?(options: LinksOptions): Links;
}

const STOP_WITHIN_MS = 25_000;
/** The exit codes EX_UNAVAILABLE and EX_TEMPFAIL of sysexits.h. */
const PORT_TAKEN = 69;
const TRY_AGAIN = 75;

/**
 * The life of a process: read the configuration, watch the event loop, serve health and metrics, start the app, and on
 * SIGTERM or SIGINT turn unready, stop the app, close the broker and leave with 0. A bad configuration leaves with 78, a
 * port that somebody else listens on with 69, a start without its database or Redis with 75, any other failed start or stop with 1. A hung event loop ends the process by
 * SIGKILL.
 */
export async function runApp<S extends typeof BaseConfig>(app: AppDefinition<S>): Promise<void> {
  const { config, logger } = begin(app.name, app.config);
  const runtime = systemRuntime;
  startWatchdog(config.WATCHDOG_MS, { fields: { instance: config.INSTANCE, app: app.name }, runtime, logger });
  const metrics = createMetrics(config.INSTANCE);
  const health = new Health();
  const routes = new OpsRoutes();

  const links = (app.links ?? redisLinks)({ config, logger, runtime });
  const ops = await startOpsServer({
    host: config.HOST, port: config.OPS_PORT, launchId: config.LAUNCH_ID, health, metrics, logger, routes,
  }).catch((error: unknown) => leaveUnstarted(logger, error));

  let running: RunningApp;
  try {
    running = await app.start({ ...links, config, runtime, logger, metrics, health, view: routes.view, operation: routes.operation });
  } catch (error) {
    leaveUnstarted(logger, error);
  }
  health.phase = 'serving';
  logger.info('app started', { opsPort: ops.port });

  const stop = async (signal: string): Promise<void> => {
    if (health.phase === 'stopping') return;
    health.phase = 'stopping';
    logger.info('app stopping', { signal });
    const late = sleep(runtime, STOP_WITHIN_MS).then(() => {
      throw new Error(`the app did not stop within ${STOP_WITHIN_MS} ms`);
    });
    const stopped = running.stop().then(async () => {
      await links.close();
      await ops.close();
    });
    try {
      await Promise.race([stopped, late]);
      logger.info('app stopped');
      process.exit(0);
    } catch (error) {
      logger.error('app did not stop cleanly', errorFields(error));
      process.exit(1);
    }
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
}

/** Another port may help, and only the starter of the process can give it one: it is told by the exit code. */
function leaveUnstarted(logger: Logger, error: unknown): never {
  logger.error('app did not start', errorFields(error));
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') process.exit(PORT_TAKEN);
  process.exit(isPassing(error) ? TRY_AGAIN : 1);
}

/** A process that does one thing and ends: 0 when it is done, 78, 75 or 1 as `runApp`. */
export async function runTask<S extends typeof BaseConfig>(
  name: string,
  schema: S,
  run: (task: { config: z.infer<S>; logger: Logger }) => Promise<void>,
): Promise<void> {
  const task = begin(name, schema);
  try {
    await run(task);
  } catch (error) {
    task.logger.error('task failed', errorFields(error));
    process.exit(isPassing(error) ? TRY_AGAIN : 1);
  }
}

function begin<S extends typeof BaseConfig>(
  name: string,
  schema: S,
): { config: z.infer<S>; logger: Logger } {
  const config = readConfigOrExit(schema);
  const logger = createLogger({
    level: config.LOG_LEVEL,
    instance: config.INSTANCE,
    pretty: process.stdout.isTTY,
  }).with({ app: name });
  crashOnBugs(logger);
  // Node's own warnings go to the log like all others, once by the thousand.
  process.removeAllListeners('warning').on('warning', (warning) => logger.warn('node warned', errorFields(warning)));
  return { config, logger };
}

function readConfigOrExit<S extends typeof BaseConfig>(schema: S): z.infer<S> {
  try {
    return readConfig(schema);
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

// A bug outside any actor leaves the process in an unknown state: say so once and let it be restarted.
function crashOnBugs(logger: Logger): void {
  const crash = (error: unknown): void => {
    logger.error('process crashed', errorFields(error));
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}
