import { Body, Controller, Delete, Get, Module, Param, Post, Query, Req } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { createLogger } from '../telemetry/logger.ts';
import { createHttpApp } from './http-app.ts';

const Thing = z.strictObject({ name: z.string() });
type Thing = z.infer<typeof Thing>;
const Page = z.strictObject({ limit: z.string().optional() });
type Page = z.infer<typeof Page>;

/** A custom decorator. Nest gives it a random text as its kind, which may begin with the number of the body's kind. */
function Custom(): ParameterDecorator {
  return ({ constructor }, name = '', index) => {
    const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, constructor, name) ?? {}) as object;
    const custom = { index, factory: () => 'custom', pipes: [] };
    Reflect.defineMetadata(ROUTE_ARGS_METADATA, { ...parameters, [`3x__customRouteArgs__:${index}`]: custom }, constructor, name);
  };
}

@Controller('things')
class ThingsController {
  @Get()
  list(@Query({ schema: Page }) page: Page): Page {
    return page;
  }

  @Post()
  make(@Body({ schema: Thing }) thing: Thing): Thing {
    return thing;
  }

  @Get(':id')
  read(@Param('id') id: string): object {
    return { id };
  }

  @Post(':id/end')
  end(@Param('id') id: string, @Custom() _custom: string): object {
    return { id };
  }

  @Delete(':id')
  delete(@Param('id') id: string): object {
    return { id };
  }

  @Post('lines')
  @RouteConfig({ accepts: ['application/x-ndjson', 'application/jsonl'] })
  lines(@Req() { body }: FastifyRequest): object {
    return { body: String(body) };
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

const JSON_TYPE = 'application/json';
const TEA = '{"name":"tea"}';

describe('an HTTP app', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await createHttpApp(ThingsModule, createLogger({ level: 'error', instance: 'test', pretty: false }));
    app.getHttpAdapter().getInstance().addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    await app.init();
  });
  afterAll(() => app.close());

  describe('on a route that takes a body', () => {
    it.each([
      JSON_TYPE, 'application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON ; charset="utf-8"',
      'application/json; profile=x',
    ])('takes JSON of type %s', async (type) => {
      expect(await send('POST', '/things', { 'content-type': type }, TEA)).toEqual({ status: 201, body: { name: 'tea' } });
    });

    it.each([
      ['no type', {}],
      ['another type', { 'content-type': 'text/plain' }],
      ['a type that begins with the right one', { 'content-type': 'application/json-patch+json' }],
      ['a type of another route', { 'content-type': 'application/x-ndjson' }],
      ['another charset', { 'content-type': 'application/json; charset=iso-8859-1' }],
      ['another charset in quotes', { 'content-type': 'application/json; charset="utf-16"' }],
      ['another charset beside the right one', { 'content-type': 'application/json; charset=utf-8; charset=latin1' }],
      ['a charset without a name', { 'content-type': 'application/json; charset=' }],
      ['gzip', { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }],
      ['a coding beside identity', { 'content-type': JSON_TYPE, 'content-encoding': 'identity, br' }],
      ['a malformed type', { 'content-type': 'json' }],
    ])('refuses a body with %s, and names the right type', async (_what, headers) => {
      expect(await send('POST', '/things', headers, TEA)).toMatchObject({
        status: 415, body: { code: 'body.media_type', detail: expect.stringContaining('application/json in UTF-8') },
      });
    });

    it('takes a body with the coding identity', async () => {
      expect(await send('POST', '/things', { 'content-type': JSON_TYPE, 'content-encoding': 'identity' }, TEA)).toMatchObject({ status: 201 });
    });

    it.each([
      ['bytes that are not UTF-8', Buffer.from('{"name":"caf\xe9"}', 'latin1'), 'json.not_utf8'],
      ['a byte order mark', Buffer.from(`\ufeff${TEA}`), 'json.byte_order_mark'],
      ['U+0000', Buffer.from('{"name":"\\u0000"}'), 'json.text_unstorable'],
      ['an unpaired surrogate', Buffer.from('{"name":"\\ud800"}'), 'json.text_unstorable'],
      ['a number that no double holds', Buffer.from('{"name":1e400}'), 'json.number_inexact'],
      ['white space alone', Buffer.from(' \n'), 'json.malformed'],
    ])('refuses %s', async (_what, body, code) => {
      expect(await send('POST', '/things', { 'content-type': JSON_TYPE }, body)).toMatchObject({ status: 400, body: { code } });
    });

    it('names the media type of the route if it is not JSON', async () => {
      const answer = await send('POST', '/things/lines', { 'content-type': JSON_TYPE }, TEA);

      expect(answer).toMatchObject({
        status: 415, body: { code: 'body.media_type', detail: expect.stringContaining('application/x-ndjson or application/jsonl in UTF-8') },
      });
      expect(await send('POST', '/things/lines', { 'content-type': 'application/x-ndjson' }, 'a\nb')).toMatchObject({ body: { body: 'a\nb' } });
    });

    it('keeps its answer short for any input', async () => {
      const names = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`name${n}`, n]));

      const { status, body } = await send('POST', '/things', { 'content-type': JSON_TYPE }, JSON.stringify({ name: 'tea', ...names }));

      expect(status).toBe(400);
      expect(JSON.stringify(body).length).toBeLessThan(2_000);
    });
  });

  describe.each([
    ['POST', '/things/1/end'], ['DELETE', '/things/1'], ['GET', '/things/1'], ['GET', '/things'],
  ] as const)('on %s %s, which takes no body', (method, path) => {
    it.each([
      ['JSON', TEA, { 'content-type': JSON_TYPE }],
      ['an empty list', '[]', { 'content-type': JSON_TYPE }],
      ['null', 'null', { 'content-type': JSON_TYPE }],
      ['bad JSON', '{', { 'content-type': JSON_TYPE }],
      ['an object of no type', '{}', {}],
      ['an object of another charset', '{}', { 'content-type': 'application/json; charset=utf-16' }],
      ['text', 'x', { 'content-type': 'text/plain' }],
      ['no type', 'x', {}],
      ['white space', ' ', { 'content-type': JSON_TYPE }],
    ])('refuses %s', async (_what, body, headers) => {
      expect(await send(method, path, headers, body)).toMatchObject({ status: 400, body: { code: 'body.unexpected' } });
    });

    it.each([
      ['no body', {}],
      ['no body of type JSON', { 'content-type': JSON_TYPE }],
      ['no body of some other type', { 'content-type': 'text/plain' }],
      ['no body of length 0', { 'content-length': '0' }],
    ])('takes %s', async (_what, headers) => {
      expect((await send(method, path, headers)).status).toBeLessThan(300);
    });
  });

  it.each([['POST', 201], ['DELETE', 200]] as const)('takes an empty object in place of no body with %s', async (method, status) => {
    const path = method === 'POST' ? '/things/1/end' : '/things/1';

    expect(await send(method, path, { 'content-type': JSON_TYPE }, ' { } ')).toEqual({ status, body: { id: '1' } });
  });

  it('takes no content with GET, not even an empty object', async () => {
    expect(await send('GET', '/things/1', { 'content-type': JSON_TYPE }, '{}')).toMatchObject({ status: 400, body: { code: 'body.unexpected' } });
  });

  it.each([['GET', '/things/1'], ['POST', '/things/1/end'], ['DELETE', '/things/1'], ['POST', '/things']] as const)(
    'refuses a query on %s %s, which takes none', async (method, path) => {
      const answer = await send(method, `${path}?limit=1&x`, {});

      expect(answer).toMatchObject({ status: 400, body: { code: 'input.invalid', errors: [{ path: 'limit' }, { path: 'x' }] } });
      expect((await send(method, `${path}?`, {})).body).not.toMatchObject({ errors: [{ message: 'the route has no such parameter' }] });
    },
  );

  it('takes the declared query of a route, and refuses other parameters', async () => {
    expect(await send('GET', '/things?limit=1', {})).toEqual({ status: 200, body: { limit: '1' } });
    expect(await send('GET', '/things?limits=1', {})).toMatchObject({ status: 400, body: { code: 'input.invalid' } });
  });

  it('answers an unknown route with route.unknown, whatever the request contains', async () => {
    expect(await send('POST', '/nowhere?x=1', { 'content-type': 'text/plain' }, 'x')).toMatchObject({ status: 404, body: { code: 'route.unknown' } });
  });

  async function send(
    method: 'GET' | 'POST' | 'DELETE', url: string, headers: Record<string, string>, payload?: string | Buffer,
  ): Promise<{ status: number; body: unknown }> {
    const { statusCode, body } = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: statusCode, body: JSON.parse(body) as unknown };
  }
});
