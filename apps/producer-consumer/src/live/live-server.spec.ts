import { OpsAccess } from '@aisle/platform';
import { failures, systemRuntime as runtime } from '@aisle/std';
import { IDLE_PIPELINE } from '../testing/idle-pipeline.ts';
import { LiveServer } from './live-server.ts';

describe('LiveServer', () => {
  let server: LiveServer;
  let url: string;
  let isReady: boolean;

  beforeEach(async () => {
    isReady = true;
    server = new LiveServer({
      runtime, access: new OpsAccess({ host: '127.0.0.1', hosts: new Set(), keySha256: undefined }),
      read: async (name) => {
        if (name !== 'default') throw TestFailure.missing();
        return IDLE_PIPELINE;
      },
      readiness: async () => ({ ready: isReady }),
      metrics: async () => ({ type: 'text/plain', text: 'up 1\n' }),
    });
    url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
  });
  afterEach(() => server.close());

  it('serves a page, health and metrics', async () => {
    const page = await fetch(url);
    isReady = false;

    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await (await fetch(`${url}/metrics`)).text()).toBe('up 1\n');
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  });

  it.each([
    ['/live', 'pipeline default, running: 1 producer'],
    ['/live?pipeline=none', 'no figures: there is none'],
  ])('streams the table at %s', async (path, text) => {
    const response = await fetch(`${url}${path}`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();

    const { value } = await reader.read();

    expect(new TextDecoder().decode(value)).toContain(`data: ["${text}`);
  });

  it.each(['/', '/live', '/health/ready', '/metrics'])('answers HEAD %s', async (path) => {
    expect((await fetch(`${url}${path}`, { method: 'HEAD' })).status).toBe(200);
  });

  it.each([['/', 'sec-fetch-site', 'cross-site'], ['/live', 'origin', 'http://evil.example'], ['/', 'x-forwarded-for', '10.0.0.1']])(
    'refuses %s to a web page of another origin and to a proxy: %s %s', async (path, header, value) => {
      expect((await fetch(`${url}${path}`, { headers: { [header]: value } })).status).toBe(403);
      expect((await fetch(`${url}/health/live`, { headers: { [header]: value } })).status).toBe(200);
    },
  );

  it('ends its streams when it closes', async () => {
    const response = await fetch(`${url}/live`);

    await server.close();

    expect(await response.text()).toContain('data: ');
    await server.listen(0, '127.0.0.1');
  });
});

const TestFailure = failures('test', { missing: ['missing', 'there is none'] });
