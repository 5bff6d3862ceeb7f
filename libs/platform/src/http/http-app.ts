import type { RequestListener } from 'node:http';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { systemRuntime } from '@aisle/std';
import { nestLogger } from '../nest-logger.ts';
import type { Logger } from '../telemetry/logger.ts';
import { continueTrace } from '../telemetry/trace.ts';
import { Connections } from './connections.ts';
import { Cors } from './cors.ts';
import type { LocalRequests } from './local-requests.ts';
import { problemOf, sendProblem } from './problem.ts';
import { ProblemFilter } from './problem.filter.ts';
import { RequestFailure, refusalOf, type Refusal } from './refusal.ts';
import { checkHead } from './request-head.ts';
import { RouteMethods } from './route-methods.ts';
import { JSON_TYPE, describeRouteInputs } from './route-input.ts';
import { SchemaPipe } from './schema-pipe.ts';
import { parseStrictJson } from './strict-json.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The connections of the app's server; a response that never ends by itself registers its end here. */
    connections: Connections;
  }
  interface FastifyRequest {
    /** The W3C trace context of this request. */
    traceparent: string;
  }
  interface FastifyContextConfig {
    /** Media types of the body that the route takes; empty for a route without a body. Absent on routes that Nest does not know. */
    accepts?: readonly string[];
    /** Whether the route takes parameters in its query. */
    takesQuery?: boolean;
  }
}

/** An application of `createHttpApp`. */
export type HttpApp = NestFastifyApplication;

/** Options of an application. */
export interface HttpAppOptions {
  /** Further headers of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Origins of web pages that may call the application. */
  readonly corsOrigins?: readonly string[];
  /** Refuses requests of other machines and web pages. */
  readonly local?: LocalRequests;
}

const KEEP_ALIVE_MS = 72_000;
const REQUEST_WITHIN_MS = 15_000;
/** Bytes of a request body. */
const BODY_BYTES_MAX = 256 * 1024;
const EMPTY_OBJECT = /^\s*\{\s*\}\s*$/;
// 128 characters of four UTF-8 bytes, each written %XX.
const PARAM_LENGTH_MAX = 128 * 4 * 3;

/**
 * Creates a Nest application on Fastify with stricter limits than Fastify's defaults. Bodies are strict JSON of at most 256 kB. The
 * number and size of headers are bounded, and a request has to arrive within 15 s. Every error is answered with problem+json
 * (RFC 9457), a method that a path lacks with 405 and `Allow`, and OPTIONS with the methods of the path. No answer is cached, unless its
 * route says otherwise. With `local`, it also refuses requests of other machines and web pages. The caller starts listening, and drains
 * `connections` before it closes the application.
 */
export async function createHttpApp(root: Type | object, logger: Logger, { local, headers: further = {}, corsOrigins = [] }: HttpAppOptions = {}): Promise<HttpApp> {
  const cors = corsOrigins.length === 0 ? undefined : new Cors(corsOrigins);
  const headers = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', ...further };
  const connections = new Connections(systemRuntime, refusalText);
  const adapter = new FastifyAdapter({
    serverFactory: (handler: RequestListener) => connections.createServer(
      {
        // Checked with the rest of the head, and then answered with a problem.
        requireHostHeader: false,
        headersTimeout: 10_000, requestTimeout: REQUEST_WITHIN_MS, keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: 16 * 1024,
      },
      handler,
    ),
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    forceCloseConnections: true,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: unknown) => {
      const { failure, status } = refusalOf(error) ?? malformed();
      void sendProblem(reply as FastifyReply, request.url, failure, { status });
    },
    // `connections` answers it, in the order of the requests.
    clientErrorHandler: () => undefined,
  });
  const fastify = adapter.getInstance();
  fastify.decorate('connections', connections);
  fastify.decorateRequest('traceparent', '');
  const methods = new RouteMethods(fastify, PARAM_LENGTH_MAX);
  fastify.addHook('onRequest', (request, reply, done) => {
    request.traceparent = continueTrace(
      request.headers.traceparent as string | undefined,
      systemRuntime.random,
    );
    void reply.headers(headers);
    try {
      local?.check(request.headers);
      checkHead(request);
      if (cors?.answer(request, reply)) return;
      if (request.is404 && methods.answer(request, reply)) return;
    } catch (refusal) {
      return done(refusal as Error);
    }
    done();
  });
  fastify.removeAllContentTypeParsers();
  // `checkHead` has refused other types than JSON, unless the body is empty or the route is unknown.
  fastify.addContentTypeParser([JSON_TYPE, '*'], { parseAs: 'buffer' }, (request, body, done) => {
    const { accepts } = request.routeOptions.config;
    if (!accepts || body.length === 0) return done(null, undefined);
    if (accepts.length > 0) return done(null, parseStrictJson(body as Buffer));
    if (!EMPTY_OBJECT.test(body.toString())) throw RequestFailure.bodyUnexpected();
    done(null, undefined);
  });

  const app = await NestFactory.create<NestFastifyApplication>(root as Type, adapter, {
    bodyParser: false,
    logger: nestLogger(logger),
    abortOnError: false,
  });
  describeRouteInputs(app);
  app.useGlobalFilters(new ProblemFilter(logger));
  app.useGlobalPipes(new SchemaPipe());
  return app;
}

function malformed(): Refusal {
  return { status: 400, failure: RequestFailure.malformed() };
}

// Node could not parse the request, so there is no reply object, and the answer is written as text.
function refusalText(error: NodeJS.ErrnoException): string {
  const status =
    { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
  const { failure } = refusalOf(undefined, status) ?? malformed();
  const body = JSON.stringify(problemOf(failure, { instance: '', traceId: '', status }));
  return `HTTP/1.1 ${status} \r\ncontent-type: application/problem+json\r\n`
    + `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}
