import { BaseConfig, errorFields, portFromEnvironment, type AppContext, type RunningApp } from '@aisle/platform';
import { z } from 'zod';
import { EveryPipeline } from '../pipeline/every-pipeline.ts';
import { producerConsumer } from '../producer-consumer.app.ts';
import { DEFAULT_PIPELINE } from '../schema.ts';
import { LiveServer } from './live-server.ts';
import { TerminalView } from './terminal-view.ts';

const LiveConfig = BaseConfig.extend({
  ...producerConsumer.config.shape,
  /** Where the live table is served, with health and metrics beside it; nowhere unless it is said. */
  PORT: portFromEnvironment.optional(),
  /** `on` lets the default pipeline run, and shows it on the standard output: `nx serve` says so. */
  LIVE_VIEW: z.enum(['on', 'off']).default('off'),
});

type Context = AppContext<z.infer<typeof LiveConfig>>;

/** The app as a process of its own, with views of what it does. */
export const liveProducerConsumer = { name: producerConsumer.name, config: LiveConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, runtime } = context;
  const app = await producerConsumer.start(context);
  const pipelines = app.get(EveryPipeline);
  const look = () => pipelines.read(DEFAULT_PIPELINE);
  const server = config.PORT === undefined ? undefined : await serveLive(context, config.PORT, pipelines);
  const hasStarted = config.LIVE_VIEW === 'on' && (await pipelines.start(DEFAULT_PIPELINE));
  const view = config.LIVE_VIEW === 'on' ? new TerminalView(process.stdout, runtime, look) : undefined;
  view?.start();
  return {
    async stop() {
      view?.stop();
      await server?.close();
      // As it was found: it is to run for whoever looks at it, and nobody does any more.
      if (hasStarted) await pipelines.stop(DEFAULT_PIPELINE).catch(() => undefined);
      await app.stop();
    },
  };
}

async function serveLive(
  { config, runtime, health, metrics, logger }: Context, port: number, pipelines: EveryPipeline,
): Promise<LiveServer> {
  const { tenant } = DEFAULT_PIPELINE;
  const server = new LiveServer({
    runtime,
    look: (name) => pipelines.read({ tenant, name }),
    readiness: () => health.readiness(),
    metrics: async () => ({ type: metrics.contentType, text: await metrics.metrics() }),
  });
  const listening = await server.listen(port, config.HOST).catch((error: unknown) => {
    // A view is no reason not to start.
    logger.warn('live view has another port', { port, ...errorFields(error) });
    return server.listen(0, config.HOST);
  });
  logger.info('live view listening', { url: `http://${config.HOST}:${listening}` });
  return server;
}
