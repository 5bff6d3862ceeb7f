import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import { isFailure, systemRuntime } from '@aisle/std';
import type { Health } from './health.ts';
import { Connections } from './http/connections.ts';
import type { OpsAccess } from './http/ops-access.ts';
import { sendProblem } from './http/problem.ts';
import { RequestFailure, refusalOf } from './http/refusal.ts';
import { JSON_TYPE } from './http/route-input.ts';
import { parseStrictJson } from './http/strict-json.ts';
import type { OpsRoutes } from './ops-routes.ts';
import { errorFields, type Logger } from './telemetry/logger.ts';
import type { Registry } from './telemetry/metrics.ts';

export interface OpsServerOptions {
  readonly host: string;
  readonly port: number;
  /** Decides whether a request may use the app's views and operations. */
  readonly access: Pick<OpsAccess, 'check'>;
  /** See `LAUNCH_ID`. */
  readonly launchId: string | undefined;
  readonly health: Health;
  readonly metrics: Registry;
  readonly logger: Logger;
  /** The app's views and operations. More may be added later. */
  readonly routes: OpsRoutes;
}

/** A listening ops server. */
export interface OpsServer {
  readonly port: number;
  /** Answers open requests, then closes the server. */
  close(): Promise<void>;
}

/** Starts the server of a process's health, metrics and operators' routes, on a port apart from the one for clients. */
export async function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  const { health, metrics, routes, launchId, logger } = options;
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
  serveRoutes(server, routes, options.access);
  server.setErrorHandler((thrown, request, reply) => {
    if (isFailure(thrown)) return sendProblem(reply, request.url, thrown);
    const refusal = refusalOf(thrown);
    if (refusal) return sendProblem(reply, request.url, refusal.failure, { status: refusal.status });
    logger.error('ops request failed', { url: request.url, ...errorFields(thrown) });
    return sendProblem(reply, request.url, RequestFailure.opsBug());
  });
  server.setNotFoundHandler((request, reply) => unknownRoute(reply, request.url, routes));

  await server.listen({ host: options.host, port: options.port });
  return {
    port: (server.server.address() as AddressInfo).port,
    async close() {
      await connections.drain({ idleMs: 0 });
      await server.close();
    },
  };
}

const PROBES: ReadonlySet<string> = new Set(['/health/live', '/health/ready', '/health/startup', '/metrics']);

/** Adds `GET /ops`, which lists the app's routes, `GET /ops/<name>` for its views and `POST /ops/<name>` for its operations. */
function serveRoutes(server: FastifyInstance, routes: OpsRoutes, access: Pick<OpsAccess, 'check'>): void {
  // Probes and scrapers use the address of the process, and their routes show no data.
  server.addHook('onRequest', (request, _reply, done) => {
    if (!PROBES.has(request.routeOptions.url ?? '')) access.check(request.headers);
    done();
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, parseStrictJson(body as Buffer)));
  server.get('/ops', () => ({ views: [...routes.views.keys()], operations: [...routes.operations.keys()] }));
  server.get('/ops/*', (request, reply) => {
    const run = routes.views.get(pathOf(request.url));
    return run ? run(request.query) : unknownRoute(reply, request.url, routes);
  });
  server.post('/ops/*', (request, reply) => {
    const run = routes.operations.get(pathOf(request.url));
    if (!run) return unknownRoute(reply, request.url, routes);
    if (request.headers['content-type'] === undefined) throw RequestFailure.bodyUnsupported([JSON_TYPE]);
    return run(request.body);
  });
}

function pathOf(url: string): string {
  return url.split('?')[0] ?? '';
}

function unknownRoute(reply: FastifyReply, url: string, { views, operations }: OpsRoutes): FastifyReply {
  return sendProblem(reply, url, RequestFailure.opsRouteUnknown([...PROBES, '/ops', ...views.keys()], [...operations.keys()]));
}
