import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Body, Controller, Delete, Get, Module, Patch, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { createLogger } from '../telemetry/logger.ts';
import { createHttpApp, type HttpApp } from './http-app.ts';

@Controller('things')
class ThingsController {
  @Get(':id')
  read(): object {
    return { name: 'tea' };
  }

  @Patch(':id')
  @RouteConfig({ accepts: ['application/json', 'application/merge-patch+json'] })
  change(@Body() body: object): object {
    return body;
  }

  @Delete(':id')
  delete(): object {
    return {};
  }

  @Post('::import')
  import(): object {
    return {};
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

const OF_THINGS = 'GET, HEAD, PATCH, DELETE, OPTIONS';

describe('an HTTP app', () => {
  let app: HttpApp;

  beforeAll(async () => {
    const logger = createLogger({ level: 'error', instance: 'test', pretty: false });
    app = await createHttpApp(ThingsModule, logger, { headers: { 'x-shop': 'aisle' } });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  it.each([
    ['PUT', '/things/1', OF_THINGS], ['POST', '/things/1?x=1', OF_THINGS], ['TRACE', '/things/1', OF_THINGS],
    ['PUT', '/things/:import', 'GET, HEAD, POST, PATCH, DELETE, OPTIONS'],
  ] as const)('answers %s %s with 405 and the methods of the path', async (method, url, allow) => {
    expect(await send(method, url)).toMatchObject({ status: 405, headers: { allow }, body: { code: 'method.not_allowed', type: '/problems/method.not_allowed' } });
  });

  it('answers OPTIONS with the methods of a path, and the media types of its PATCH', async () => {
    expect(await send('OPTIONS', '/things/1')).toMatchObject({
      status: 204, headers: { allow: OF_THINGS, 'accept-patch': 'application/json, application/merge-patch+json' },
    });
    expect(await send('OPTIONS', '/nowhere')).toMatchObject({ status: 404, body: { code: 'route.unknown' } });
  });

  it('answers HEAD as GET, without the body', async () => {
    const { headers, ...answer } = await send('HEAD', '/things/1');

    expect(answer).toEqual({ status: 200, body: undefined });
    expect(headers['content-length']).toBe('14');
  });

  it('takes a merge patch, and names the media types of a patch that it refuses', async () => {
    expect(await send('PATCH', '/things/1', 'application/merge-patch+json', '{"name":null}')).toMatchObject({ status: 200, body: { name: null } });
    expect(await send('PATCH', '/things/1', 'application/json-patch+json', '[]')).toMatchObject({
      status: 415, headers: { 'accept-patch': 'application/json, application/merge-patch+json' },
    });
  });

  it.each(['/things/1', '/nowhere'])('sends the headers of every answer with that of %s', async (url) => {
    expect((await send('GET', url)).headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'x-shop': 'aisle' });
  });

  it.each([
    ['without a host', 'GET /things/1 HTTP/1.1\r\n\r\n', 400, 'request.malformed'],
    ['with an unknown expectation', 'GET /things/1 HTTP/1.1\r\nhost: x\r\nexpect: tea\r\n\r\n', 417, 'request.expectation'],
    ['of HTTP/2 in text', 'GET /things/1 HTTP/2.0\r\nhost: x\r\n\r\n', 505, 'request.http_version'],
    ['with two hosts', 'GET /things/1 HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n', 400, 'header.repeated'],
    ['with two idempotency keys', 'GET /things/1 HTTP/1.1\r\nhost: x\r\nidempotency-key: a\r\nidempotency-key: b\r\n\r\n', 400, 'header.repeated'],
    ['that is not HTTP', 'tea please\r\n\r\n', 400, 'request.malformed'],
  ])('refuses a request %s with a problem', async (_what, request, status, code) => {
    const answer = await raw(request);

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('content-type: application/problem+json');
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ status, code, type: `/problems/${code}` });
  });

  it('takes a request of HTTP/1.0 without a host', async () => {
    expect(await raw('GET /things/1 HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
  });

  async function send(method: string, url: string, type?: string, payload?: string) {
    const { statusCode, headers, body } = await app.inject({
      method: method as 'GET', url, ...(type === undefined ? {} : { headers: { 'content-type': type } }), ...(payload === undefined ? {} : { payload }),
    });
    return { status: statusCode, headers, body: body === '' ? undefined : JSON.parse(body) as unknown };
  }

  async function raw(request: string): Promise<string> {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end(request);
    return text(socket);
  }
});
