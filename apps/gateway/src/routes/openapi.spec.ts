import 'reflect-metadata';
import { FrameReceiver, FrameSender, decodeBody, reply, type Transport } from '@aisle/broker';
import { PROTOCOLS, messageOfType, messagesIn } from '@aisle/contracts';
import { createHttpApp, type HttpApp } from '@aisle/platform';
import { memoryContext } from '@aisle/platform/testing';
import { isFailure, systemRuntime as runtime } from '@aisle/std';
import { gateway } from '../gateway.app.ts';
import { Identity } from '../identity/identity.ts';
import { openApiOf } from './openapi.ts';
import { prepareRoutes } from './prepare-routes.ts';

interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary?: string;
  readonly tags?: string[];
  readonly parameters?: { name: string; in: string; description?: string }[];
  readonly requestBody?: { content: Record<string, { examples?: Record<string, { value: unknown }> }> };
  readonly responses: Record<string, { description: string }>;
}

// Matches sentences that begin with a capital letter and end with a full stop.
const SENTENCES = /^[A-Z][^]*[.]$/;
const TOPICS = ['Baskets', 'Consumers', 'Keys', 'Markets', 'Orders', 'Pipelines', 'Products', 'Quotes', 'Stock', 'Strategies'];

describe('the OpenAPI document', () => {
  const context = memoryContext(gateway.config, { DATABASE_URL: 'postgres://nobody@localhost/none', ANONYMOUS_SCOPES: 'all' });
  let app: HttpApp;
  let operations: Operation[];
  let asked: string[] = [];
  const refused: unknown[] = [];

  beforeAll(async () => {
    answerNothing(context.transport);
    app = await createHttpApp(gateway.root(context), context.logger);
    prepareRoutes(app, app.get(Identity, { strict: false }));
    const { paths } = openApiOf(app) as unknown as { paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>> };
    operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() as Operation['method'] })));
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await context.close();
  });

  it('has a sentence for each operation', () => {
    expect(operations.length).toBeGreaterThan(50);
    expect(operations.filter(({ summary = '' }) => !SENTENCES.test(summary)).map(nameOf)).toEqual([]);
  });

  it('describes each parameter, each header and each answer', () => {
    const parameters = operations.flatMap((operation) =>
      (operation.parameters ?? []).map(({ name, description = '' }) => ({ of: `${nameOf(operation)} ${name}`, description })));
    const answers = operations.flatMap((operation) =>
      Object.entries(operation.responses).map(([status, { description }]) => ({ of: `${nameOf(operation)} ${status}`, description })));

    expect(parameters.length).toBeGreaterThan(100);
    expect([...parameters, ...answers].filter(({ description }) => description === '').map(({ of }) => of)).toEqual([]);
  });

  it('has each operation under one topic', () => {
    expect([...new Set(operations.map(({ tags = [] }) => tags.join()))].sort()).toEqual(TOPICS);
  });

  it.each([
    ['GET /v1/markets/{market}/baskets/{basket}', ['If-Match', 'If-None-Match'], [200, 304, 400, 404, 412, 429, 503, 504]],
    ['GET /v1/markets/{market}/baskets/{basket}/journal', [], [200, 400, 404, 412, 429, 503, 504]],
    ['POST /v1/markets/{market}/baskets/{basket}/lines', ['Idempotency-Key', 'If-Match', 'If-None-Match'],
      [200, 201, 400, 404, 409, 412, 413, 415, 422, 429, 503, 504]],
    ['POST /v1/markets/{market}/quotes', [], [200, 400, 404, 412, 413, 415, 422, 429, 503, 504]],
    ['PUT /v1/strategies/{name}/rollout', ['If-Match', 'If-None-Match'], [200, 400, 404, 412, 413, 415, 422, 428, 429, 503, 504]],
    ['DELETE /v1/consumers/{name}', ['Idempotency-Key'], [204, 400, 404, 412, 429, 503, 504]],
    ['GET /v1/orders', [], [200, 400, 412, 429, 503, 504]],
  ])('documents %s with the headers %j and the statuses %j', (name, headers, statuses) => {
    const operation = operations.find((each) => nameOf(each) === name);

    expect(operation?.parameters?.filter((parameter) => parameter.in === 'header').map((header) => header.name)).toEqual(headers);
    expect(Object.keys(operation?.responses ?? {}).map(Number)).toEqual(statuses);
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
    const takers = operations.filter(({ path, requestBody }) => !path.startsWith('/v1/keys') && requestBody?.content['application/json']);
    expect(takers.length).toBeGreaterThan(15);

    for (const operation of takers) {
      asked = [];
      const { statusCode, body } = await send(operation);

      expect([nameOf(operation), statusCode, body, asked.length > 0]).toEqual([nameOf(operation), 404, expect.stringContaining('test.nothing'), true]);
    }
    expect(refused).toEqual([]);
  });

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
