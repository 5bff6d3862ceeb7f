import { systemRuntime } from '@aisle/std';
import { DynamicSupervisor, System, genServer, ok } from '@aisle/supervision';
import { eventually } from '@aisle/std/testing';
import { OpsRoutes } from './ops-routes.ts';
import { showTree } from './show-tree.ts';

const ConsumerServer = genServer({ name: 'ConsumerServer', init: () => ok(0) });
const BasketServer = genServer({ name: 'UserBasketServer', init: () => ok(0) });

describe('a supervision tree on the ops port', () => {
  const routes = new OpsRoutes();
  const system = new System(systemRuntime, { hooks: {} });

  beforeAll(async () => {
    showTree(routes, system);
    const supervisor = await system.start(DynamicSupervisor.childSpec({ maxRestarts: 100 }, { id: 'Everything' }));
    for (const spec of [
      ConsumerServer.childSpec(undefined, { id: 'anna' }), BasketServer.childSpec(undefined, { id: 'default/m1/anna' }),
      ConsumerServer.childSpec(undefined, { id: 'Bob\'s list' }),
    ]) await DynamicSupervisor.startChild(supervisor, spec);
  });
  afterAll(async () => {
    for (const { ref } of system.find(({ id }) => id === 'Everything')) await ref.stop('shutdown', 'infinity');
  });

  it.each<{ wanted: { name: string; kind?: string }; id: string; server: string }>([
    { wanted: { name: 'anna', kind: 'consumer' }, id: 'anna', server: 'ConsumerServer' },
    { wanted: { name: 'anna', kind: 'basket' }, id: 'default/m1/anna', server: 'UserBasketServer' },
    { wanted: { name: 'm1/anna' }, id: 'default/m1/anna', server: 'UserBasketServer' },
    { wanted: { name: 'Bob\'s list' }, id: 'Bob\'s list', server: 'ConsumerServer' },
  ])('kills the process that $wanted selects, and its supervisor restarts it', async ({ wanted, id, server }) => {
    const before = pidOf(id);

    expect(await kill(wanted)).toEqual({ killed: { pid: before, id, server } });

    await eventually(() => pidOf(id) !== undefined && pidOf(id) !== before);
    expect(JSON.stringify(await routes.views.get('/ops/tree')?.({}))).toContain('"restarts":1');
  });

  it('kills by pid', async () => {
    const pid = pidOf('anna');

    expect(await kill({ pid })).toMatchObject({ killed: { id: 'anna' } });

    await eventually(() => pidOf('anna') !== undefined && pidOf('anna') !== pid);
  });

  it.each<[object, string]>([
    [{ name: 'nobody' }, 'process.unknown'], [{ name: 'nna' }, 'process.unknown'], [{ name: 'anna', kind: 'market' }, 'process.unknown'],
    [{ name: 'anna' }, 'process.ambiguous'], [{ pid: 999_999 }, 'process.unknown'], [{}, 'input.invalid'], [{ name: '' }, 'input.invalid'],
    [{ name: 'anna', pid: 1 }, 'input.invalid'],
  ])('kills no process for %j', async (wanted, code) => {
    const before = system.find(() => true).map(({ pid }) => pid);

    await expect(kill(wanted)).rejects.toMatchObject({ code });

    expect(system.find(() => true).map(({ pid }) => pid)).toEqual(before);
  });

  function pidOf(id: string): number | undefined {
    return system.find((process) => process.id === id)[0]?.pid;
  }

  async function kill(wanted: object): Promise<unknown> {
    return routes.operations.get('/ops/tree/kill')?.(wanted);
  }
});
