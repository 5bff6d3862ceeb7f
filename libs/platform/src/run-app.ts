import type { z } from 'zod';
import { sleep, systemRuntime, type Runtime } from '@aisle/std';
import { BadConfiguration, readConfig, type BaseConfig } from './config.ts';
import { Health } from './health.ts';
import { redisLinks, type Links, type LinksOptions } from './links.ts';
import { OpsRoutes } from './ops-routes.ts';
import { opsAccess } from './http/ops-access.ts';
import { startOpsServer } from './ops-server.ts';
import { createLogger, errorFields, type Logger } from './telemetry/logger.ts';
import { createMetrics, type Registry } from './telemetry/metrics.ts';
import { isTransient } from './transient.ts';
import { startWatchdog } from './watchdog/watchdog.ts';

/** The surroundings of an app: its configuration, its links, and the tools of its process. */
export interface AppContext<C> extends Omit<Links, 'close'> {
  readonly config: C;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly health: Pick<Health, 'check' | 'readiness'>;
  /** Adds a read-only view for operators to the ops port: `GET /ops/<name>`, whose query has to fit the schema. */
  readonly view: OpsRoutes['view'];
  /** Adds an operation for operators to the ops port: `POST /ops/<name>`, whose JSON body has to fit the schema. */
  readonly operation: OpsRoutes['operation'];
}

/** A started app. */
export interface RunningApp {
  /** Finishes or hands over all work in flight, without losing any of it. */
  stop(): Promise<void>;
}

/** The declaration of an app: its name, the schema of its configuration, and its start. */
export interface AppDefinition<S extends typeof BaseConfig> {
  readonly name: string;
  readonly config: S;
  start(context: AppContext<z.infer<S>>): Promise<RunningApp>;
  /** Creates the app's links. By default they go over Redis. Apps that share one process use `memoryLinks`. */
  links?(options: LinksOptions): Links;
}

const STOP_WITHIN_MS = 25_000;
/** The exit codes EX_UNAVAILABLE, EX_TEMPFAIL and EX_CONFIG of sysexits.h. */
const PORT_TAKEN = 69;
const TRY_AGAIN = 75;
const BAD_CONFIGURATION = 78;

/**
 * Runs an app as a process: reads the configuration, watches the event loop, serves health and metrics, and starts the app. On
 * SIGTERM or SIGINT it reports that it is not ready, stops the app within 25 s, closes the links, and exits with 0.
 *
 * Other exit codes: 78 for a bad configuration, 69 if a port is taken, 75 if the database or Redis is away at the start. Any other
 * failed start or stop, and an uncaught error, exit with 1. The watchdog ends a process by SIGKILL if its event loop hangs.
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
    host: config.HOST, port: config.OPS_PORT, access: opsAccess(config), launchId: config.LAUNCH_ID, health, metrics, logger, routes,
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

/** Exits after a failed start. Only the launcher can choose another port, so a taken port has an exit code of its own. */
function leaveUnstarted(logger: Logger, error: unknown): never {
  logger.error('app did not start', errorFields(error));
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') process.exit(PORT_TAKEN);
  if (error instanceof BadConfiguration) process.exit(BAD_CONFIGURATION);
  process.exit(isTransient(error) ? TRY_AGAIN : 1);
}

/** Runs a process that does one task and exits, such as a migration: with 0 on success; 78, 75 and 1 are those of `runApp`. */
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
    process.exit(isTransient(error) ? TRY_AGAIN : 1);
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
  // Node's warnings go to the log, where a flood of equal lines is limited.
  process.removeAllListeners('warning').on('warning', (warning) => logger.warn('node reported a warning', errorFields(warning)));
  return { config, logger };
}

function readConfigOrExit<S extends typeof BaseConfig>(schema: S): z.infer<S> {
  try {
    return readConfig(schema);
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(BAD_CONFIGURATION);
  }
}

// A bug outside any actor leaves the process in an unknown state, so it logs the bug and exits to be restarted.
function crashOnBugs(logger: Logger): void {
  const crash = (error: unknown): void => {
    logger.error('process crashed', errorFields(error));
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}
