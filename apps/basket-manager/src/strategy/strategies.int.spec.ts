import 'reflect-metadata';
import { FrameSender, Requester, ask as askOf, createMemoryTransport } from '@aisle/broker';
import { StrategyProtocol, addresseeOf, type Message, type ReplyOf, type SentBody } from '@aisle/contracts';
import { createDataSource } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { nestApp, type RunningApp } from '@aisle/platform';
import { memoryContext } from '@aisle/platform/testing';
import { strategyMigrations, strategyRights } from '@aisle/pricing/postgres';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import type { DataSource } from 'typeorm';
import { BasketManagerConfig } from '../basket-manager.config.ts';
import { StrategyModule } from './strategy.module.ts';

const builtIn = {
  name: 'ten-off', version: '1', use: 'fixed-off@1', params: { amountMinor: 10 }, scope: { currencies: ['GBP'] }, title: 'Ten off',
};

describe('the strategies of a basket-manager', () => {
  let test: TestDatabase;
  let database: DataSource;
  let managers: RunningApp[];
  let requester: Requester;
  const transport = createMemoryTransport({ runtime });
  beforeAll(async () => {
    test = await testDatabase({ schema: 'basket', migrations: strategyMigrations, access: { app: 'basket-manager', rights: [strategyRights] } });
    database = await createDataSource({ url: test.appUrl, schema: 'basket', applicationName: 'test', poolMax: 1, entities: [] });
    const app = nestApp({ name: 'strategies', schema: 'basket', config: BasketManagerConfig, module: () => StrategyModule });
    managers = await Promise.all(['a', 'b'].map((instance) =>
      app.start({ ...memoryContext(BasketManagerConfig, { DATABASE_URL: test.appUrl, INSTANCE: instance }), transport })));
    requester = new Requester({ transport, runtime, sender: new FrameSender({ transport, runtime }), replyQueue: 'test' });
  });
  afterAll(async () => {
    await requester.close();
    await Promise.all(managers.map((manager) => manager.stop()));
    await transport.close();
    await database.destroy();
    await test.drop();
  });

  function ask<M extends Message>(message: M, strategy: string, body?: SentBody<M>, id = uuidv7(runtime)): Promise<ReplyOf<M>> {
    const deadlineMs = runtime.clock.nowMs() + 30_000;
    const header = { id, tenant: 'default', ...addresseeOf(StrategyProtocol, { strategy }), traceparent: '', deadlineMs };
    return askOf(requester, message, header, (body ?? {}) as SentBody<M>);
  }
  /** Marks a version as validated, because a real validation needs a sandbox. */
  const validated = (name: string) => database.query('UPDATE strategy_version SET validated = true WHERE name = $1', [name]);

  it('delete a draft, and a strategy with its last version, with the rights of the app', async () => {
    const { configure, list, remove } = StrategyProtocol;
    for (const version of ['1', '2']) await ask(configure, 'draft', { ...builtIn, name: 'draft', version });

    await ask(remove, 'draft', { version: '2' });
    expect((await ask(list, 'load')).items.map(({ name }) => name)).toEqual(['draft']);
    const id = uuidv7(runtime);
    for (let sent = 0; sent < 2; sent += 1) await ask(remove, 'draft', { version: '1' }, id);

    expect((await ask(list, 'load')).items).toEqual([]);
    await expect(ask(remove, 'draft', { version: '1' })).rejects.toMatchObject({ kind: 'missing', code: 'strategy.missing' });
  });

  it('go through their whole life without a basket-server', async () => {
    const { configure, list, read, versions, rollOut, rollBack, audit } = StrategyProtocol;
    const added = await ask(configure, 'ten-off', builtIn);
    await ask(configure, 'ten-off', { ...builtIn, version: '2', params: { amountMinor: 20 } });
    await expect(ask(rollOut, 'ten-off', { rollout: { state: 'active', version: '1' } })).rejects.toMatchObject({
      kind: 'rejected', code: 'strategy.not-ready',
    });
    await validated('ten-off');

    await ask(rollOut, 'ten-off', { rollout: { state: 'active', version: '1' } });
    const second = await ask(rollOut, 'ten-off', { rollout: { state: 'active', version: '2' } });
    const back = await ask(rollBack, 'ten-off');
    const off = await ask(rollOut, 'ten-off', { rollout: { state: 'off' } });

    expect(added).toMatchObject({ state: 'draft', use: 'fixed-off@1', params: { amountMinor: 10 }, outcome: 'added' });
    expect([second, back, off].map(({ active, before }) => [active, before])).toEqual([['2', ['1']], ['1', []], [null, []]]);
    await expect(ask(rollBack, 'ten-off')).rejects.toMatchObject({ kind: 'rejected', code: 'strategy.nothing-before' });
    expect(await ask(read, 'ten-off')).toEqual(off);
    expect(await ask(list, 'load')).toEqual({ revision: off.revision, items: [off] });
    expect((await ask(versions, 'ten-off')).items.map(({ version, state }) => [version, state])).toEqual([
      ['1', 'validated'], ['2', 'validated'],
    ]);
    expect((await ask(audit, 'ten-off')).items.map(({ action, version, details }) => [action, version, details])).toEqual([
      ['rolled-out', null, { state: 'off', was: { active: '1' } }],
      ['rolled-back', '1', { was: { active: '2' } }],
      ['rolled-out', '2', { state: 'active', was: { active: '1' } }],
      ['rolled-out', '1', { state: 'active', was: {} }],
      ['added', '2', { sha256: expect.any(String), use: 'fixed-off@1' }],
      ['added', '1', { sha256: added.sha256, use: 'fixed-off@1' }],
    ]);
  });

  it('apply a change once, even if it is sent repeatedly to several managers', async () => {
    const { configure, rollOut, rollBack } = StrategyProtocol;
    for (const version of ['1', '2', '3']) await ask(configure, 'thrice', { ...builtIn, name: 'thrice', version });
    await validated('thrice');
    for (const version of ['1', '2', '3']) await ask(rollOut, 'thrice', { rollout: { state: 'active', version } });

    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(rollBack, 'thrice', {}, 'the-same-command')));

    expect(answers.map(({ active }) => active)).toEqual(['2', '2', '2', '2']);
  });

  it('are only changed by a request that names their current revision', async () => {
    const { configure, read, rollOut } = StrategyProtocol;
    await ask(configure, 'seen', { ...builtIn, name: 'seen' });
    const { revision } = await ask(read, 'seen');
    const off = { rollout: { state: 'off' as const }, ifRevision: revision };

    const outcomes = await Promise.allSettled([1, 2, 3].map(() => ask(rollOut, 'seen', off)));

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual(Array(2).fill(expect.objectContaining({
      reason: expect.objectContaining({ kind: 'precondition', code: 'strategy.changed' }),
    })));
  });

  it.each<[string, Message, string, object, string]>([
    ['an unknown strategy', StrategyProtocol.read, 'nobody', {}, 'strategy.missing'],
    ['an unknown version', StrategyProtocol.rollOut, 'ten-off', { rollout: { state: 'active', version: '9' } }, 'strategy.missing'],
    ['wrong parameters', StrategyProtocol.configure, 'x', { ...builtIn, params: {} }, 'pricing.rules'],
    ['an amount without a currency', StrategyProtocol.configure, 'x', { ...builtIn, scope: {} }, 'pricing.rules'],
  ])('refuse %s', async (_what, message, name, body, code) => {
    await expect(ask(message, name, body)).rejects.toMatchObject({ code });
  });
});
