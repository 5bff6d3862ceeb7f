import { startSystem, type AppProcess, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';
import { Client } from 'pg';

const ANY = { 'if-match': '*' };

describe('pricing strategies, while no basket-server works', () => {
  let system: TestSystem;
  let running: AppProcess[];

  beforeAll(async () => {
    system = await startSystem({ gateway: 1, 'basket-manager': 2, 'basket-server': 2 });
    running = system.apps.filter(({ instance }) => instance.startsWith('basket-server'));
    // The first script starts the sandboxes, which may take longer than a caller waits on a busy machine.
    await eventually(() => roll('tea', '1', 5));
    await eventually(() => roll('tea', '2', 7));
    await eventually(async () => expect(await totalOf('GR1')).toBe(311 - 7));
  });

  afterAll(() => system.stop());

  it('can be read, switched off and rolled out while all servers hang, with effect once they continue', async () => {
    for (const server of running) server.signal('SIGSTOP');

    await expectAllAnswers('tea');
    const off = await call('PUT', '/v1/strategies/tea/rollout', { state: 'off' }, ANY);
    const back = await call('POST', '/v1/strategies/tea/rollback');
    const first = await call('PUT', '/v1/strategies/tea/rollout', { state: 'active', version: '1' }, ANY);

    expect([off.status, first.status]).toEqual([200, 200]);
    expect(off.body).toMatchObject({ active: null, before: [] });
    expect(back).toMatchObject({ status: 422, body: { code: 'strategy.nothing-before' } });
    for (const server of running) server.signal('SIGCONT');
    await eventually(async () => expect(await totalOf('GR1')).toBe(311 - 5));
  });

  it('can be configured, rolled back and switched off while all servers are dead, with effect once others start', async () => {
    await call('PUT', '/v1/strategies/tea/rollout', { state: 'active', version: '2' }, ANY);
    for (const server of running) server.signal('SIGKILL');
    await Promise.all(running.map((server) => server.ended()));

    await expectAllAnswers('tea');
    const back = await call('POST', '/v1/strategies/tea/rollback');
    const off = await call('PUT', '/v1/strategies/cf1-two-thirds/rollout', { state: 'off' }, ANY);
    const configured = await call('POST', '/v1/strategies', {
      name: 'milk', version: '1', use: 'percent-off@1', params: { percent: 10 }, scope: { markets: ['m1'] },
    });

    expect(back).toMatchObject({ status: 200, body: { active: '1' } });
    expect(off).toMatchObject({ status: 200, body: { active: null } });
    expect(configured).toMatchObject({ status: 201, body: { state: 'draft', use: 'percent-off@1' } });
    running = [await system.start('basket-server'), await system.start('basket-server')];
    await eventually(async () => expect([await totalOf('GR1'), await totalOf('CF1', 'CF1', 'CF1')]).toEqual([306, 3_369]));
  });

  it('continue to work beside unreadable rows, which are listed and can be switched off', async () => {
    await insertUnreadable();
    await eventually(async () => {
      const { body: { items } } = await call('GET', '/v1/strategies');
      const found = items.filter(({ name }) => name.startsWith('bad-')).map(({ name, unreadable }) => [name, unreadable?.[0]?.version]);
      expect(found).toEqual([['bad-contract', '1'], ['bad-draft', '1'], ['bad-pointers', null], ['bad-text', '1'], ['bad-version', '9']]);
    });

    await roll('tea', '3', 9);
    await eventually(async () => expect(await totalOf('GR1')).toBe(311 - 9));
    for (const server of running) server.signal('SIGKILL');
    await Promise.all(running.map((server) => server.ended()));
    running = [await system.start('basket-server'), await system.start('basket-server')];
    await eventually(async () => expect(await totalOf('GR1')).toBe(311 - 9));

    const metrics = await (await fetch(`${running[0]!.opsUrl}/metrics`)).text();
    for (const name of ['bad-contract', 'bad-pointers', 'bad-text', 'bad-version']) {
      expect(metrics).toContain(`strategy_unreadable{strategy="${name}"`);
      expect(running[0]!.logs.filter((line) => line.includes('strategy cannot be read') && line.includes(name))).toHaveLength(1);
      await expectAllAnswers(name);
      expect(await call('PUT', `/v1/strategies/${name}/rollout`, { state: 'off' }, ANY)).toMatchObject({ status: 200, body: { active: null } });
    }
    expect((await call('GET', '/v1/strategies/bad-draft/versions')).body.items).toMatchObject([
      { version: '1', state: 'unreadable', unreadable: expect.stringContaining('meta.title') },
    ]);
    expect(await call('PUT', '/v1/strategies/bad-draft/rollout', { state: 'active', version: '1' }, ANY)).toMatchObject({
      status: 422, body: { code: 'strategy.unreadable' },
    });
    await eventually(async () => {
      expect(await (await fetch(`${running[0]!.opsUrl}/metrics`)).text()).not.toContain('strategy_unreadable{');
    });
  });

  /** Checks that every operation that needs no sandbox is answered. */
  async function expectAllAnswers(name: string): Promise<void> {
    const paths = ['', `/${name}`, `/${name}/versions`, `/${name}/audit`];
    const answers = await Promise.all(paths.map((path) => call('GET', `/v1/strategies${path}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  }

  async function roll(name: string, version: string, amountMinor: number): Promise<void> {
    await call('POST', '/v1/strategies', { source: source(name, version, amountMinor) });
    await call('POST', `/v1/strategies/${name}/versions/${version}/validate`, {});
    expect((await call('PUT', `/v1/strategies/${name}/rollout`, { state: 'active', version }, ANY)).status).toBe(200);
  }

  async function totalOf(...items: string[]): Promise<number | undefined> {
    return (await call('POST', '/v1/markets/m1/quotes', { items })).body.total?.amount;
  }

  async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
    const response = await fetch(`${system.gatewayUrl}${path}`, {
      method,
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  /** Stores strategies in a form that only a fault can leave. */
  async function insertUnreadable(): Promise<void> {
    const client = new Client({ connectionString: system.databaseUrlOf('basket-server'), options: '-c search_path=basket' });
    await client.connect();
    const insert = async (name: string, pointers: string, meta?: object): Promise<void> => {
      await client.query(`INSERT INTO strategy (tenant, name, revision, pointers) VALUES ('default', $1, 1, $2)`, [name, pointers]);
      if (meta === undefined) return;
      await client.query(
        `INSERT INTO strategy_version (tenant, name, version, sha256, source, code, meta, created_at_ms, created_by, validated)
         VALUES ('default', $1, '1', $2, '', '', $3, 0, 'sql', true)`,
        [name, '0'.repeat(64), JSON.stringify({
          contract: 1, name, version: '1', kind: 'line', title: name, scope: {}, priority: 0, stack: 'stack', tests: [], ...meta,
        })],
      );
    };
    await insert('bad-text', '{"before":[],"active":"1"}', { scope: { skus: ['\ud800'] } });
    await insert('bad-contract', '{"before":[],"shadow":"1"}', { contract: 7 });
    await insert('bad-version', '{"before":["9"]}');
    await insert('bad-pointers', '{"active":{}}');
    await insert('bad-draft', '{"before":[]}', { title: 'a\0b' });
    await client.end();
  }
});

/** The fields of an answer that these tests read. */
interface Body {
  readonly active: string;
  readonly total?: { readonly amount: number };
  readonly items: readonly { readonly name: string; readonly unreadable?: readonly { readonly version: string | null }[] }[];
}

function source(name: string, version: string, amountMinor: number): string {
  const input = { sku: 'GR1', quantity: 1, unitPriceMinor: 311, netMinor: 311 };
  const tests = [{ name: 'one', input, expect: { netMinor: 311 - amountMinor } }];
  const meta = { contract: 1, name, version, kind: 'line', title: name, scope: { skus: ['GR1'] }, priority: 5, stack: 'stack', tests };
  return `export default { meta: ${JSON.stringify(meta)}, price: () => ({
    adjustments: [{ code: 'off', amountMinor: -${amountMinor}, message: 'off' }],
  }) };`;
}
