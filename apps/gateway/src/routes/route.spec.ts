import 'reflect-metadata';
import type { Principal } from '@aisle/contracts';
import { createHttpApp, createLogger, type HttpApp } from '@aisle/platform';
import { failures } from '@aisle/std';
import { Body, Controller, Module, Param } from '@nestjs/common';
import { z } from 'zod';
import { changed, documentOf, nothing, tagged, value, type Document } from './answers.ts';
import { Caller } from './caller.ts';
import { prepareRoutes } from './prepare-routes.ts';
import { Route } from './route.ts';

const ThingPath = z.strictObject({ id: z.string().max(4) });
type ThingPath = z.infer<typeof ThingPath>;
const Thing = z.strictObject({ name: z.string() });
type Thing = z.infer<typeof Thing>;

const ThingFailure = failures('thing', { missing: ['missing', 'there is no such thing'] });

const TESTER: Principal = { tenant: 'default', id: 'tester', name: 'key/tester', kind: 'key', scopes: new Set(['stock:read']) };

/** A controller whose answers depend on the id of the thing. */
const DOCUMENTS: Readonly<Record<string, Partial<Document<Thing>>>> = {
  new: { created: true, location: '/things/new' }, old: {}, same: { replayed: true }, gone: { json: '' },
};

@Controller('things/:id')
class ThingsController {
  @Route('GET', { scope: 'stock:read', summary: 'Reads the thing.', path: ThingPath, answers: tagged(Thing) })
  async read(@Param() { id }: ThingPath): Promise<Document<Thing>> {
    return documentFor(id);
  }

  @Route('PUT', {
    scope: 'stock:read', summary: 'Makes the thing.', path: ThingPath, body: Thing, answers: changed(Thing, { statuses: [200, 201], conditions: 'change', key: 'echoed' }),
  })
  async make(@Body() thing: Thing, @Param() { id }: ThingPath, @Caller() caller: Caller): Promise<Document<Thing>> {
    return { ...documentFor(id), json: id === 'gone' ? '' : JSON.stringify({ ...thing, by: caller.commandId, ...caller.precondition }) };
  }

  @Route('POST order', { scope: 'stock:read', summary: 'Orders the thing.', path: ThingPath, answers: changed(Thing, { statuses: [202], conditions: 'required' }) })
  async order(@Param() { id }: ThingPath): Promise<Document<Thing>> {
    return documentFor(id);
  }

  @Route('POST count', { scope: 'stock:read', summary: 'Counts the thing.', answers: value(z.strictObject({ count: z.int() })) })
  async count(): Promise<{ count: number }> {
    return { count: 1 };
  }

  @Route('DELETE', { scope: 'stock:read', summary: 'Deletes the thing.', answers: nothing('it is gone') })
  async delete(): Promise<void> {}
}

/** None of these methods compiles without its comment. */
export class WrongController {
  // @ts-expect-error the body is a thing
  @Route('PUT', { scope: 'stock:read', summary: 'Takes another body.', body: Thing, answers: nothing('done') })
  async body(@Body() _thing: { readonly title: string }): Promise<void> {}

  // @ts-expect-error the route has no path
  @Route('PUT', { scope: 'stock:read', summary: 'Takes a path.', body: Thing, answers: nothing('done') })
  async path(@Param() _path: ThingPath, @Body() _thing: Thing): Promise<void> {}

  // @ts-expect-error the route has no scope
  @Route('DELETE', { summary: 'Asks for no right.', answers: nothing('done') })
  async open(): Promise<void> {}

  // @ts-expect-error the answer is a thing
  @Route('GET', { scope: 'stock:read', summary: 'Answers another value.', answers: value(Thing) })
  async answer(): Promise<{ title: string }> {
    return { title: 'tea' };
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

describe('a route', () => {
  let app: HttpApp;

  beforeAll(async () => {
    app = await createHttpApp(ThingsModule, createLogger({ level: 'error', instance: 'test', pretty: false }));
    prepareRoutes(app, { identity: { principalOf: () => TESTER }, rates: { of: () => undefined, windowS: 1 } });
    await app.init();
  });
  afterAll(() => app.close());

  it.each<[what: string, method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, headers: Record<string, string>, expected: Record<string, unknown>]>([
    ['the bytes of a document, with its version', 'GET', 'old', {}, { status: 200, etag: '"7"', body: '{"name": "tea"}' }],
    ['nothing to a caller who has the document', 'GET', 'old', { 'if-none-match': 'W/"7"' }, { status: 304, etag: '"7"', body: '' }],
    ['a refusal if If-Match names another version', 'GET', 'old', { 'if-match': '"6"' }, { status: 412, code: 'precondition.failed' }],
    ['a refusal of a path that does not fit', 'GET', 'longer', {}, { status: 400, code: 'input.invalid' }],
    ['201 if the command has created the thing', 'PUT', 'new', {}, { status: 201, etag: '"7"', location: '/things/new' }],
    ['200 if the thing existed', 'PUT', 'old', { 'if-match': '"6"' }, { status: 200, etag: '"7"', body: '{"name":"tea","by":"k1","ifMatch":6}' }],
    ['the key of the command', 'PUT', 'old', {}, { status: 200, 'idempotency-key': 'k1', 'idempotent-replayed': undefined }],
    ['the key, also with a failure', 'PUT', 'none', {}, { status: 404, 'idempotency-key': 'k1', code: 'thing.missing' }],
    ['no key with a body that does not fit', 'PUT', 'bad', {}, { status: 400, 'idempotency-key': undefined, code: 'input.invalid' }],
    ['a mark on a repeated answer', 'PUT', 'same', {}, { status: 200, 'idempotent-replayed': 'true' }],
    ['204 if no document is left', 'PUT', 'gone', {}, { status: 204, etag: undefined, body: '' }],
    ['428 if a required version is missing', 'POST', 'old/order', {}, { status: 428, code: 'precondition.required' }],
    ['its declared status, also for a new thing', 'POST', 'new/order', { 'if-match': '*' }, { status: 202, etag: '"7"', 'idempotency-key': undefined }],
    ['a value as JSON', 'POST', 'old/count', {}, { status: 200, etag: undefined, body: '{"count":1}' }],
    ['a refusal of a condition on an answer without an ETag', 'POST', 'old/count', { 'if-match': '*' }, { status: 412, code: 'precondition.unsupported' }],
    ['no content', 'DELETE', 'old', {}, { status: 204, body: '' }],
  ])('answers with %s', async (_what, method, path, headers, expected) => {
    const takesBody = method === 'PUT';
    const answer = await app.inject({
      method, url: `/things/${path}`,
      headers: { 'idempotency-key': 'k1', ...(takesBody ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(takesBody ? { payload: path === 'bad' ? '{"title":"tea"}' : '{"name":"tea"}' } : {}),
    });
    const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json');
    const { code } = isProblem ? answer.json<{ code: string }>() : { code: undefined };

    const told: Record<string, unknown> = { ...answer.headers, status: answer.statusCode, body: answer.body, code };
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, told[name]]))).toEqual(expected);
  });
});

function documentFor(id: string): Document<Thing> {
  const facts = DOCUMENTS[id];
  if (!facts) throw ThingFailure.missing();
  return { ...documentOf({ name: 'tea' }), json: '{"name": "tea"}', version: 7, ...facts };
}
