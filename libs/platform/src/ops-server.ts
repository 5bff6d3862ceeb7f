import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { systemRuntime } from '@aisle/std';
import type { Registry } from '@aisle/telemetry';
import type { Health } from './health.ts';
import { Connections } from './http/connections.ts';
import { sendProblem } from './http/problem.ts';

export interface OpsServerOptions {
  readonly host: string;
  readonly port: number;
  /** See `LAUNCH_ID`. */
  readonly launchId: string | undefined;
  readonly health: Health;
  readonly metrics: Registry;
  /** Read-only views for operators, by path: `/ops/tree`. */
  readonly views: ReadonlyMap<string, () => unknown>;
}

/** A server that listens. */
export interface OpsServer {
  readonly port: number;
  /** Answers what is under way, and ends. */
  close(): Promise<void>;
}

/** Health, metrics and operators' views of one process, apart from the port that serves products. */
export async function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  const { health, metrics, views, launchId } = options;
  const connections = new Connections(systemRuntime, () => 'HTTP/1.1 400 \r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  const server = fastify({
    forceCloseConnections: true,
    serverFactory: (handler) => connections.createServer({}, handler),
    clientErrorHandler: () => undefined,
  });
  server.addHook('onRequest', (_request, reply, done) => {
    if (launchId !== undefined) reply.header('x-launch-id', launchId);
    done();
  });

  server.get('/health/live', () => ({ status: 'live' }));
  server.get('/health/startup', (_request, reply) =>
    reply.code(health.phase === 'starting' ? 503 : 200).send({ phase: health.phase }),
  );
  server.get('/health/ready', async (_request, reply) => {
    const readiness = await health.readiness();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
  server.get('/ops/*', (request, reply) => {
    const view = views.get(request.url.split('?')[0] ?? '');
    return view ? view() : reply.callNotFound();
  });
  server.setNotFoundHandler((request, reply) =>
    sendProblem(reply, request.url, {
      kind: 'missing',
      code: 'route.unknown',
      message: 'there is no such route on the ops port',
      details: { routes: ['/health/live', '/health/ready', '/health/startup', '/metrics', ...views.keys()] },
    }),
  );

  await server.listen({ host: options.host, port: options.port });
  return {
    port: (server.server.address() as AddressInfo).port,
    async close() {
      await connections.drain({ idleMs: 0 });
      await server.close();
    },
  };
}
