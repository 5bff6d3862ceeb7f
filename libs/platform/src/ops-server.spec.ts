import { failures } from '@aisle/std';
import { z } from 'zod';
import { Health } from './health.ts';
import { OpsAccess } from './http/ops-access.ts';
import { OpsRoutes } from './ops-routes.ts';
import { startOpsServer, type OpsServer } from './ops-server.ts';
import { createLogger } from './telemetry/logger.ts';
import { createMetrics } from './telemetry/metrics.ts';

const ThingFailure = failures('thing', { taken: ['conflict', 'somebody has it'] });

describe('the ops port', () => {
  const routes = new OpsRoutes();
  const logs: string[] = [];
  const lamps = new Set<string>();
  let server: OpsServer;

  beforeAll(async () => {
    const logger = createLogger({ level: 'info', instance: 'test', pretty: false, destination: { write: (line) => void logs.push(line) } });
    const health = new Health();
    server = await startOpsServer({
      host: '127.0.0.1', port: 0, access: new OpsAccess({ host: '127.0.0.1', hosts: new Set(), keySha256: undefined }), launchId: undefined, health, metrics: createMetrics('test'), logger, routes,
    });
    // An app adds its routes when the port is already serving.
    routes.view('lamps', ({ after }) => [...lamps].filter((lamp) => lamp > after), z.strictObject({ after: z.string().default('') }));
    routes.view('everything', () => ({ lamps: lamps.size }));
    routes.operation('lamps/light', z.strictObject({ name: z.string().min(1) }), ({ name }) => {
      if (name === 'taken') throw ThingFailure.taken();
      if (name === 'bug') throw new TypeError('a secret of ours');
      lamps.add(name);
      return { lit: name };
    });
  });
  afterAll(() => server.close());

  it('lists views and operations', async () => {
    expect(await call('/ops')).toEqual([200, { views: ['/ops/lamps', '/ops/everything'], operations: ['/ops/lamps/light'] }]);
  });

  it('runs an operation and answers with its result', async () => {
    expect(await call('/ops/lamps/light', '{"name":"hall"}')).toEqual([200, { lit: 'hall' }]);
    expect(await call('/ops/lamps?after=a')).toEqual([200, ['hall']]);
    expect(await call('/ops/lamps?after=z')).toEqual([200, []]);
    expect(await call('/ops/everything?whatever=1')).toEqual([200, { lamps: 1 }]);
  });

  it.each<{ of: string; path: string; body?: string; headers?: Record<string, string>; status: number; code: string }>([
    { of: 'an unknown view', path: '/ops/nothing', status: 404, code: 'route.unknown' },
    { of: 'an unknown operation', path: '/ops/lamps', body: '{}', status: 404, code: 'route.unknown' },
    { of: 'an operation that is read', path: '/ops/lamps/light', status: 404, code: 'route.unknown' },
    { of: 'a query that does not fit', path: '/ops/lamps?since=1', status: 400, code: 'input.invalid' },
    { of: 'a body that does not fit', path: '/ops/lamps/light', body: '{"name":1}', status: 400, code: 'input.invalid' },
    { of: 'a body that is not JSON', path: '/ops/lamps/light', body: '{"name":', status: 400, code: 'json.malformed' },
    { of: 'a key given twice', path: '/ops/lamps/light', body: '{"name":"a","name":"b"}', status: 400, code: 'json.duplicate_key' },
    {
      of: 'a text, as a form of a web page sends it', path: '/ops/lamps/light', body: '{"name":"a"}', headers: { 'content-type': 'text/plain' },
      status: 415, code: 'body.media_type',
    },
    {
      of: 'a web page', path: '/ops/lamps/light', body: '{"name":"a"}', headers: { origin: 'http://evil.example' },
      status: 403, code: 'request.cross_site',
    },
    { of: 'the reading of a web page', path: '/ops/lamps', headers: { 'sec-fetch-site': 'cross-site' }, status: 403, code: 'request.cross_site' },
    { of: 'a proxy', path: '/ops', headers: { 'x-forwarded-for': '10.0.0.1' }, status: 403, code: 'request.forwarded' },
    { of: "the app's own failure", path: '/ops/lamps/light', body: '{"name":"taken"}', status: 409, code: 'thing.taken' },
  ])('answers $of with $status $code', async ({ path, body, headers, status, code }) => {
    const [answered, problem] = await call(path, body, headers);

    expect([answered, (problem as { code: string }).code]).toEqual([status, code]);
    expect(lamps).toEqual(new Set(['hall']));
    expect(logs).toEqual([]);
  });

  it('takes no operation without a body', async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/ops/lamps/light`, { method: 'POST' });

    expect([response.status, (await response.json()) as object]).toEqual([415, expect.objectContaining({ code: 'body.media_type' })]);
  });

  it('logs a bug, and tells the client nothing about it', async () => {
    const [status, problem] = await call('/ops/lamps/light', '{"name":"bug"}');

    expect([status, JSON.stringify(problem)]).toEqual([500, expect.not.stringContaining('secret')]);
    expect(logs.splice(0)).toEqual([expect.stringContaining('a secret of ours')]);
  });

  async function call(path: string, body?: string, headers: Record<string, string> = {}): Promise<[number, unknown]> {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, body === undefined ? { headers } : {
      method: 'POST', body, headers: { 'content-type': 'application/json', ...headers },
    });
    return [response.status, await response.json()];
  }
});
