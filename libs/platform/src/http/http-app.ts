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
import { sendProblem } from './problem.ts';
import { ProblemFilter } from './problem.filter.ts';
import { RequestFailure, refusalOf, type Refusal } from './refusal.ts';
import { checkHead } from './request-head.ts';
import { JSON_TYPE, describeRouteInputs } from './route-input.ts';
import { SchemaPipe } from './schema-pipe.ts';
import { parseStrictJson } from './strict-json.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Where an answer without an end of its own says how it ends. */
    connections: Connections;
  }
  interface FastifyRequest {
    /** The W3C trace context under which this request runs here. */
    traceparent: string;
  }
  interface FastifyContextConfig {
    /** The media types of the body that the route takes; none when it takes no body. Absent on routes that Nest does not know. */
    accepts?: readonly string[];
    /** Whether the route takes parameters in its query. */
    takesQuery?: boolean;
  }
}

/** An application of `createHttpApp`. */
export type HttpApp = NestFastifyApplication;

const KEEP_ALIVE_MS = 72_000;
const REQUEST_WITHIN_MS = 15_000;
/** Bytes of a request body. */
const BODY_BYTES_MAX = 256 * 1024;
const EMPTY_OBJECT = /^\s*\{\s*\}\s*$/;
// 128 characters of four UTF-8 bytes, each written %XX.
const PARAM_LENGTH_MAX = 128 * 4 * 3;

/**
 * A Nest application on Fastify that refuses what Fastify's defaults let through: any body but
 * strict JSON of at most 256 kB, headers without number, requests that never end. Every answer that
 * is not a success is problem+json. The caller listens, and drains its `connections` before it closes it.
 */
export async function createHttpApp(root: Type | object, logger: Logger): Promise<HttpApp> {
  const connections = new Connections(systemRuntime, refusalText);
  const adapter = new FastifyAdapter({
    serverFactory: (handler: RequestListener) => connections.createServer(
      {
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
    // The connections answer it, in its turn.
    clientErrorHandler: () => undefined,
  });
  const fastify = adapter.getInstance();
  fastify.decorate('connections', connections);
  fastify.decorateRequest('traceparent', '');
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.traceparent = continueTrace(
      request.headers.traceparent as string | undefined,
      systemRuntime.random,
    );
    try {
      checkHead(request);
    } catch (refusal) {
      return done(refusal as Error);
    }
    done();
  });
  fastify.removeAllContentTypeParsers();
  // The head was checked, so of another type than JSON is only what is empty, or for no route of ours.
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

// Node could not read a request at all, so there is no reply object: the answer is written as it is.
function refusalText(error: NodeJS.ErrnoException): string {
  const status =
    { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
  const { failure } = refusalOf(undefined, status) ?? malformed();
  const body = JSON.stringify({
    type: `urn:aisle:problem:${failure.code}`,
    title: failure.message,
    status,
    detail: failure.message,
    instance: '',
    code: failure.code,
    traceId: '',
  });
  return `HTTP/1.1 ${status} \r\ncontent-type: application/problem+json\r\n`
    + `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}
