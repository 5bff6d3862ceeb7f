import type { AddressInfo } from 'node:net';
import { BrokerClient } from '@aisle/broker/nest';
import { BaseConfig, closeHttpApp, createHttpApp, portFromEnvironment, type AppContext, type RunningApp } from '@aisle/platform';
import { z } from 'zod';
import { MARKET_LIMITS } from '@aisle/contracts';
import { CommandClient } from './commands/command-client.ts';
import { refuseConditions } from './conditions/conditions.ts';
import { GatewayModule } from './gateway.module.ts';
import { acceptNdjson } from './markets/ndjson.ts';
import { serveOpenApi } from './openapi.ts';

const GatewayConfig = BaseConfig.extend({
  /** Where shoppers connect. */
  PORT: portFromEnvironment.default(3000),
  /** A stopping gateway is unready and still listens for so long: as long as load balancers take to see it. 0 behind none. */
  DRAIN_MS: z.coerce.number().int().min(0).max(8_000).default(0),
});

type Context = AppContext<z.infer<typeof GatewayConfig>>;

// Longer than any command's deadline: by then it is not one basket, it is all of them.
const STUCK_MS = 8_000;

/** The HTTP edge: the only app with product routes. It keeps no state. */
export const gateway = { name: 'gateway', config: GatewayConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, logger, runtime, transport, metrics, health } = context;
  const broker = new BrokerClient({ transport, runtime, instance: config.INSTANCE });
  await broker.connect();
  const commands = new CommandClient({ broker, runtime, metrics });

  const app = await createHttpApp(GatewayModule.with(commands), logger);
  const fastify = app.getHttpAdapter().getInstance();
  refuseConditions(fastify);
  acceptNdjson(fastify, MARKET_LIMITS.importBytes);
  serveOpenApi(app);
  await app.listen(config.PORT, config.HOST);
  const { port } = app.getHttpServer().address() as AddressInfo;
  health.check('progress', () =>
    commands.unansweredMs > STUCK_MS ? `no command was answered for ${Math.round(commands.unansweredMs)} ms` : undefined,
  );
  logger.info('gateway listening', { url: `http://${config.HOST}:${port}` });

  return {
    async stop() {
      await closeHttpApp(app, logger, { listenMs: config.DRAIN_MS });
      await broker.close();
    },
  };
}
