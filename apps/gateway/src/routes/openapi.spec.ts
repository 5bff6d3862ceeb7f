import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FrameReceiver, FrameSender, decodeBody, reply, type Transport } from '@aisle/broker';
import { PROTOCOLS, messageOfType, messagesIn } from '@aisle/contracts';
import { createHttpApp, type HttpApp } from '@aisle/platform';
import { memoryContext } from '@aisle/platform/testing';
import { isFailure, systemRuntime as runtime } from '@aisle/std';
import { gateway } from '../gateway.app.ts';
import { SHOPPER_TOKEN_KEYS } from '../testing/open-gateway.ts';
import { openApiText } from '../testing/openapi-text.ts';
import { openApiOf } from './openapi.ts';
import type { JsonSchema } from './schemas.ts';
import { prepareRoutes } from './prepare-routes.ts';

interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: string[];
  readonly parameters?: { name: string; in: string; description?: string }[];
  readonly requestBody?: { content: Record<string, { examples?: Record<string, { value: unknown }> }> };
  readonly responses: Record<string, { description: string; content?: Record<string, object> }>;
}

interface OpenApi {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>>;
  readonly components: Record<string, Record<string, JsonSchema>>;
}

// Matches sentences that begin with a capital letter and end with a full stop.
const SENTENCES = /^[A-Z][^]*[.]$/;
/** Statuses that any request may get. */
const OF_EVERY_REQUEST = [400, 401, 403, 408, 412, 414, 421, 429, 431, 500, 503, 504];
const TOPICS = ['Baskets', 'Consumers', 'Keys', 'Markets', 'Orders', 'Pipelines', 'Products', 'Quotes', 'Stock', 'Strategies'];

describe('the OpenAPI document', () => {
  const context = memoryContext(gateway.config, { DATABASE_URL: 'postgres://nobody@localhost/none', ANONYMOUS_SCOPES: 'all', SHOPPER_TOKEN_KEYS });
  let app: HttpApp;
  let document: OpenApi;
  let operations: Operation[];
  let asked: string[] = [];
  const refused: unknown[] = [];

  beforeAll(async () => {
    answerNothing(context.transport);
    app = await createHttpApp(gateway.root(context), context.logger);
    prepareRoutes(app);
    document = openApiOf(app) as unknown as OpenApi;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() as Operation['method'] })));
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await context.close();
  });

  it('equals openapi/aisle.json; after a change, run `npm run openapi`', async () => {
    expect(await openApiText()).toBe(readFileSync(join(__dirname, '../../../../openapi/aisle.json'), 'utf8'));
  });

  it('names each operation, as a client names its methods', () => {
    const names = operations.map(({ operationId }) => operationId);

    expect(names).toEqual(expect.arrayContaining(['addLine', 'checkOut', 'getOrder', 'listProducts', 'quote']));
    expect(names.filter((name, index) => !/^[a-z][a-zA-Z]+$/.test(name) || names.indexOf(name) !== index)).toEqual([]);
  });

  it('has a sentence for each operation', () => {
    expect(operations.length).toBeGreaterThan(50);
    expect(operations.filter(({ summary = '' }) => !SENTENCES.test(summary)).map(nameOf)).toEqual([]);
  });

  it('describes each parameter, each header and each answer', () => {
    const parameters = operations.flatMap((operation) =>
      (operation.parameters ?? []).map(({ name, description = '' }) => ({ of: `${nameOf(operation)} ${name}`, description })));
    const answers = operations.flatMap((operation) =>
      Object.entries(operation.responses).map(([status, response]) => {
        const { description } = resolved(response) as { description: string };
        return { of: `${nameOf(operation)} ${status}`, description };
      }));

    expect(parameters.length).toBeGreaterThan(100);
    expect([...parameters, ...answers].filter(({ description }) => description === '').map(({ of }) => of)).toEqual([]);
  });

  it('describes each field of a request', () => {
    const fields = fieldsOf(Object.fromEntries(operations.map((operation) => [nameOf(operation), operation.requestBody])));

    expect(fields.length).toBeGreaterThan(60);
    expect(fields.filter(({ schema }) => !isDescribed(schema)).map(({ path }) => path)).toEqual([]);
  });

  it('has an example of each path parameter, and of each answer with a body', () => {
    const parameters = operations.flatMap((operation) =>
      (operation.parameters ?? []).filter((each) => each.in === 'path' && !('example' in each)).map(({ name }) => `${nameOf(operation)} ${name}`));
    const answers = operations.filter(({ responses }) => {
      const bodies = Object.entries(responses).filter(([status]) => Number(status) < 300).flatMap(([, response]) => Object.values(response.content ?? {}));
      return bodies.length > 0 && !bodies.some((body) => 'examples' in body);
    });

    expect([...parameters, ...answers.map(nameOf)]).toEqual([]);
  });

  it('has each operation under one topic', () => {
    expect([...new Set(operations.map(({ tags = [] }) => tags.join()))].sort()).toEqual(TOPICS);
    expect(document.tags.filter(({ description }) => SENTENCES.test(description)).map(({ name }) => name).sort()).toEqual(TOPICS);
  });

  it.each([
    ['GET /v1/markets/{market}/baskets/{basket}', ['If-Match', 'If-None-Match'], [200, 304, 404]],
    ['GET /v1/markets/{market}/baskets/{basket}/journal', [], [200, 404]],
    ['POST /v1/markets/{market}/baskets/{basket}/lines', ['Idempotency-Key', 'If-Match', 'If-None-Match', 'Prefer'], [200, 201, 204, 404, 409, 413, 415, 422]],
    ['POST /v1/markets/{market}/quotes', [], [200, 404, 413, 415, 422]],
    ['PUT /v1/strategies/{name}/rollout', ['If-Match', 'If-None-Match'], [200, 404, 413, 415, 422, 428]],
    ['DELETE /v1/consumers/{name}', ['Idempotency-Key'], [204, 404, 413, 422]],
    ['GET /v1/orders', [], [200]],
  ])('documents %s with the headers %j and the statuses %j', (name, headers, statuses) => {
    const operation = operations.find((each) => nameOf(each) === name);

    expect(operation?.parameters?.filter((parameter) => parameter.in === 'header').map((header) => header.name)).toEqual(headers);
    expect(Object.keys(operation?.responses ?? {}).map(Number)).toEqual([...statuses, ...OF_EVERY_REQUEST].sort((a, b) => a - b));
  });

  it('documents no headers and statuses of commands for reads', () => {
    const readings = operations.filter(({ method }) => method === 'GET');

    expect(readings.filter(({ parameters = [] }) => parameters.some(({ name }) => name === 'Idempotency-Key')).map(nameOf)).toEqual([]);
    expect(readings.filter(({ responses }) => ['201', '202', '409', '428'].some((status) => status in responses)).map(nameOf)).toEqual([]);
    // A scanned code is content: its check digit may be wrong.
    expect(readings.filter(({ responses }) => '422' in responses).map(nameOf)).toEqual(['GET /v1/markets/{market}/scan/{code}']);
  });

  it('has a valid example for each JSON body, from which its route makes a valid message', async () => {
    // The gateway itself answers about keys.
    const takers = operations.filter(({ path, requestBody }) => !/^\/v1\/(keys|denials)/.test(path) && requestBody?.content['application/json']);
    expect(takers.length).toBeGreaterThan(15);

    for (const operation of takers) {
      asked = [];
      const { statusCode, body } = await send(operation);

      expect([nameOf(operation), statusCode, body, asked.length > 0]).toEqual([nameOf(operation), 404, expect.stringContaining('test.nothing'), true]);
    }
    expect(refused).toEqual([]);
  });

  /** The component to which a part of the document refers, or the part itself. */
  function resolved(part: object): object {
    const [, , kind = '', name = ''] = ('$ref' in part ? String(part.$ref) : '').split('/');
    return document.components[kind]?.[name] ?? part;
  }

  /** All properties in a part of the document and in the components that it uses, each once. */
  function fieldsOf(part: unknown, path = '', seen = new Set<unknown>()): { path: string; schema: JsonSchema }[] {
    if (typeof part !== 'object' || part === null) return [];
    const target = resolved(part);
    if (seen.has(target)) return [];
    seen.add(target);
    return Object.entries(target).flatMap(([key, value]) => {
      const own = key === 'properties' ? Object.entries(value as Record<string, JsonSchema>) : [];
      return [...own.map(([name, schema]) => ({ path: `${path} ${name}`, schema })), ...(key === 'examples' ? [] : fieldsOf(value, `${path} ${key}`, seen))];
    });
  }

  /** Whether a schema has a description, itself or as one of its alternatives. */
  function isDescribed(schema: object): boolean {
    const { description, anyOf = [] } = resolved(schema) as { description?: string; anyOf?: object[] };
    return description !== undefined || 'description' in schema || anyOf.some(isDescribed);
  }

  /** Sends the documented example of an operation, and `If-Match: *` if a version is required. */
  function send({ method, path, requestBody, parameters = [] }: Operation) {
    const example = requestBody?.content['application/json']?.examples?.['example']?.value;
    return app.inject({
      method, url: path.replaceAll(/\{\w+\}/g, 'x'), payload: JSON.stringify(example),
      headers: { 'content-type': 'application/json', ...(parameters.some(({ name }) => name === 'If-Match') ? { 'if-match': '*' } : {}) },
    });
  }

  /** A broker that checks each message, and answers it with a failure. */
  function answerNothing(transport: Transport): void {
    const sender = new FrameSender({ transport, runtime });
    for (const queue of new Set(Object.values(PROTOCOLS).flatMap(messagesIn).map((message) => message.queue))) {
      new FrameReceiver({
        transport, runtime, queue,
        onEnvelope(envelope) {
          asked.push(envelope.type);
          try {
            messageOfType(envelope.type)?.bodyOf(decodeBody(envelope.body));
          } catch (refusal) {
            refused.push(isFailure(refusal) ? refusal.details : refusal);
          }
          reply(sender, envelope, { failure: { kind: 'missing', code: 'test.nothing', message: 'there is nothing here', details: {} } });
        },
      }).start();
    }
  }
});

function nameOf({ method, path }: Operation): string {
  return `${method} ${path}`;
}
