import { BaseConfig, errorFields, opsAccess, portFromEnvironment, type AppContext, type RunningApp } from '@aisle/platform';
import { z } from 'zod';
import { GroupPipelines } from '../pipeline/group-pipelines.ts';
import { producerConsumer } from '../producer-consumer.app.ts';
import { DEFAULT_PIPELINE } from '../schema.ts';
import { LiveServer } from './live-server.ts';
import { TerminalView } from './terminal-view.ts';

const LiveConfig = BaseConfig.extend({
  ...producerConsumer.config.shape,
  /** The port of the live table, health and metrics. Without it, they are not served. */
  PORT: portFromEnvironment.optional(),
  /** `on` starts the default pipeline and shows it on the standard output. `nx serve` sets it. */
  LIVE_VIEW: z.enum(['on', 'off']).default('off'),
});

type Context = AppContext<z.infer<typeof LiveConfig>>;

/** The app as a process of its own, with live views of a pipeline. */
export const liveProducerConsumer = { name: producerConsumer.name, config: LiveConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, runtime } = context;
  const app = await producerConsumer.start(context);
  const pipelines = app.get(GroupPipelines);
  const read = () => pipelines.read(DEFAULT_PIPELINE);
  const server = config.PORT === undefined ? undefined : await serveLive(context, config.PORT, pipelines);
  const hasStarted = config.LIVE_VIEW === 'on' && (await pipelines.start(DEFAULT_PIPELINE));
  const view = config.LIVE_VIEW === 'on' ? new TerminalView(process.stdout, runtime, read) : undefined;
  view?.start();
  return {
    async stop() {
      view?.stop();
      await server?.close();
      // A pipeline that was started for the view stops with it.
      if (hasStarted) await pipelines.stop(DEFAULT_PIPELINE).catch(() => undefined);
      await app.stop();
    },
  };
}

async function serveLive(
  { config, runtime, health, metrics, logger }: Context, port: number, pipelines: GroupPipelines,
): Promise<LiveServer> {
  const { tenant } = DEFAULT_PIPELINE;
  const server = new LiveServer({
    runtime,
    access: opsAccess(config),
    read: (name) => pipelines.read({ tenant, name }),
    readiness: () => health.readiness(),
    metrics: async () => ({ type: metrics.contentType, text: await metrics.metrics() }),
  });
  const listening = await server.listen(port, config.HOST).catch((error: unknown) => {
    // A taken port must not keep the app from starting, because this is only a view.
    logger.warn('live view port taken', { port, ...errorFields(error) });
    return server.listen(0, config.HOST);
  });
  logger.info('live view listening', { url: `http://${config.HOST}:${listening}` });
  return server;
}
