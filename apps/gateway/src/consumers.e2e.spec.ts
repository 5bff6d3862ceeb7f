import { eventually } from '@aisle/std/testing';
import { startSystem, type TestSystem } from '@aisle/dev/testing';

describe('named consumers, behind the gateway', () => {
  let system: TestSystem;
  let names = 0;
  const someone = (): string => `consumer${(names += 1)}`;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 0, 'basket-manager': 0, 'producer-consumer': 2 });
  });
  afterAll(() => system.stop());

  it('are started under a unique name', async () => {
    const name = someone();

    const started = await call('POST', '/v1/consumers', { name });
    const again = await call('POST', '/v1/consumers', { name });

    expect(started).toMatchObject({
      status: 201, body: { name, messages: [], restarts: 0, startedAt: expect.any(String) },
    });
    expect(started.headers.get('location')).toBe(`/v1/consumers/${name}`);
    expect(again).toMatchObject({
      status: 409,
      body: { type: '/problems/already_started', code: 'already_started', details: { consumer: started.body } },
    });
  });

  it('keep their messages in the order in which they arrived', async () => {
    const name = someone();
    await call('POST', '/v1/consumers', { name });

    const sent = [];
    for (const body of ['Hello', { any: ['JSON', 1, null] }]) {
      sent.push((await call('POST', `/v1/consumers/${name}/messages`, { body })).body);
    }
    const read = await call('GET', `/v1/consumers/${name}`);

    expect(read).toMatchObject({ status: 200, body: { messages: sent, next: null } });
    expect(sent).toMatchObject([{ body: 'Hello' }, { body: { any: ['JSON', 1, null] } }]);
  });

  it('take a message once under its Idempotency-Key', async () => {
    const name = someone();
    await call('POST', '/v1/consumers', { name });
    const headers = { 'idempotency-key': 'receipt 17' };
    const path = `/v1/consumers/${name}/messages`;

    const first = await call('POST', path, { body: 'Hello' }, headers);
    const again = await call('POST', path, { body: 'Hello' }, headers);
    const other = await call('POST', path, { body: 'Goodbye' }, headers);

    expect([first.status, first.body.id, first.headers.get('idempotent-replayed')]).toEqual([201, 'receipt 17', null]);
    expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([first.body, 'true']);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.mismatch']);
  });

  it('hold their names until they are stopped', async () => {
    const name = `Bob's / 100 % ${someone()}`;
    const path = `/v1/consumers/${encodeURIComponent(name)}`;
    await call('POST', '/v1/consumers', { name });

    const listed = await call('GET', '/v1/consumers?limit=200');
    const stopped = await call('DELETE', path);

    expect(listed.body.items).toContainEqual({ name, restarts: 0, startedAt: expect.any(String) });
    expect(stopped.status).toBe(204);
    for (const [method, where, body] of [['GET', path], ['DELETE', path], ['POST', `${path}/messages`, { body: 1 }]] as const) {
      expect(await call(method, where, body)).toMatchObject({ status: 404, body: { code: 'consumer.missing' } });
    }
    expect((await call('POST', '/v1/consumers', { name })).body.messages).toEqual([]);
  });

  it('are read and listed page by page', async () => {
    const name = someone();
    await call('POST', '/v1/consumers', { name });
    for (const body of [1, 2, 3]) await call('POST', `/v1/consumers/${name}/messages`, { body });

    const first = await call('GET', `/v1/consumers/${name}?limit=2`);
    const second = await call('GET', `/v1/consumers/${name}?limit=2&cursor=${first.body.next}`);
    const page = await call('GET', '/v1/consumers?limit=1');

    expect([first, second].map(({ body }) => body.messages?.map((message) => message.body))).toEqual([[1, 2], [3]]);
    expect(page.body.next).toBe(page.body.items?.[0]?.name);
  });

  it('outlive the process that hosts them', async () => {
    const them = [someone(), someone(), someone(), someone()];
    for (const name of them) {
      await call('POST', '/v1/consumers', { name });
      await call('POST', `/v1/consumers/${name}/messages`, { body: 'before' });
    }
    const [victim] = system.apps.filter(({ instance }) => instance.startsWith('producer-consumer'));

    victim?.signal('SIGKILL');
    await victim?.ended();

    for (const name of them) {
      // The name of a dead process is free once its lease has ended. Until then, the answer may be 503 or 504.
      await eventually(async () => {
        const sent = await call('POST', `/v1/consumers/${name}/messages`, { body: 'after' }, { 'idempotency-key': `after ${name}` });
        return sent.status === 201;
      });
      const { body } = await call('GET', `/v1/consumers/${name}`);
      expect(body.messages?.map((message) => message.body)).toEqual(['before', 'after']);
    }
  });

  it.each([
    ['POST', '/v1/consumers', {}, 400, 'input.invalid'],
    ['POST', '/v1/consumers', { name: '' }, 400, 'input.invalid'],
    ['POST', '/v1/consumers', { name: 'a', messages: [] }, 400, 'input.invalid'],
    ['POST', '/v1/consumers/nobody/messages', { body: 'Hello' }, 404, 'consumer.missing'],
    ['POST', '/v1/consumers/nobody/messages', {}, 400, 'input.invalid'],
    ['GET', '/v1/consumers/nobody', undefined, 404, 'consumer.missing'],
    ['GET', '/v1/consumers/nobody?cursor=x', undefined, 400, 'input.invalid'],
    ['GET', '/v1/consumers?limit=0', undefined, 400, 'input.invalid'],
    ['DELETE', '/v1/consumers/nobody', undefined, 404, 'consumer.missing'],
  ])('answer %s %s %j with %i %s', async (method, path, body, status, code) => {
    const answered = await call(method, path, body);

    expect([answered.status, answered.body.code]).toEqual([status, code]);
  });

  it('refuse a message of more than 65,536 characters', async () => {
    const answered = await call('POST', '/v1/consumers/nobody/messages', { body: 'x'.repeat(65_535) });

    expect([answered.status, answered.body.code]).toEqual([400, 'input.invalid']);
  });

  it('have logged no error', () => {
    expect(system.errors()).toEqual([]);
  });

  async function call(
    method: string, path: string, body?: unknown, headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; body: Body }> {
    const response = await fetch(`${system.gatewayUrl}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Body };
  }
});

interface Body {
  id?: string;
  code?: string;
  messages?: { body: unknown }[];
  items?: { name: string }[];
  next?: string;
}
