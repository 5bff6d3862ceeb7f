import type { Unchecked } from './message/protocol.ts';
import { Supervisor } from './supervisor/supervisor.ts';
import { WorkerTree, type WorkerProtocol } from './testing/worker-tree.ts';
import { System } from './system.ts';
import { crash } from './testing/crash.ts';
import { VirtualRuntime } from '@aisle/std/testing';

describe('System', () => {
  let tree: WorkerTree;
  beforeEach(() => {
    tree = new WorkerTree();
  });

  it('shows its trees as plain data', async () => {
    const children = [tree.worker('pricing'), tree.worker('stock', { restart: 'temporary' })];
    const inner = Supervisor.childSpec({ strategy: 'one_for_all', children }, { id: 'shop' });
    await tree.start({ strategy: 'one_for_one' }, [tree.worker('inbox'), inner]);
    await tree.system.advance(1_500);

    const node = { status: 'idle', mailboxDepth: 0, restarts: 0, uptimeMs: 1_500, children: [], childrenOmitted: 0 };
    const worker = { ...node, type: 'worker', server: 'Worker' };
    const supervisor = { ...node, type: 'supervisor', server: 'Supervisor' };
    expect(JSON.parse(JSON.stringify(tree.system.observe()))).toEqual([
      {
        ...supervisor,
        pid: 1,
        id: 'Supervisor',
        children: [
          { ...worker, pid: 2, id: 'inbox' },
          {
            ...supervisor,
            pid: 3,
            id: 'shop',
            children: [
              { ...worker, pid: 4, id: 'pricing' },
              { ...worker, pid: 5, id: 'stock' },
            ],
          },
        ],
      },
    ]);
  });

  it('leaves out children beyond a bound, and says how many', async () => {
    await tree.start(
      { strategy: 'one_for_one' },
      ['a', 'b', 'c'].map((id) => tree.worker(id)),
    );

    expect(tree.system.observe({ childrenMax: 1 })).toMatchObject([
      { children: [{ id: 'a' }], childrenOmitted: 2 },
    ]);
  });

  it('has addresses by the path of ids, also for processes that start later', async () => {
    const address = tree.system.address<WorkerProtocol>('root/shop/pricing');
    expect(address.whereis()).toBeUndefined();
    const shop = Supervisor.childSpec(
      { strategy: 'one_for_one', children: [tree.worker('pricing')] },
      { id: 'shop' },
    );
    await tree.system.start(
      Supervisor.childSpec({ strategy: 'one_for_one', children: [shop] }, { id: 'root' }),
    );

    expect(await address.call('id')).toBe('pricing');
    tree.system.address('root/shop').whereis()!.exit('kill');
    await tree.system.settle();

    expect(await address.call('id')).toBe('pricing');
    expect(String(address)).toBe('root/shop/pricing');
  });

  it('writes a ref as its label', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a')]);

    expect(String(root)).toBe('Supervisor#1');
    expect(JSON.stringify({ root })).toBe('{"root":"Supervisor#1"}');
  });

  it.each([
    ['tells a crash on stderr, once however often, where it has no hooks', undefined, ['a crashed: error: injected crash']],
    ['keeps silent with hooks that handle nothing', {}, []],
  ])('%s', async (_what, hooks, expected) => {
    const lines: unknown[] = [];
    const stderr = jest.spyOn(console, 'error').mockImplementation((line) => void lines.push(line));
    const runtime = new VirtualRuntime();
    const system = new System(runtime, hooks && { hooks });
    const root = await system.start(Supervisor.childSpec({ strategy: 'one_for_one', children: [tree.worker('a')] }));

    for (let crashes = 0; crashes < 2; crashes += 1) {
      crash(Supervisor.child(root, 'a').whereis()!);
      await runtime.settle();
    }

    stderr.mockRestore();
    expect(lines).toEqual(expected);
  });

  it('survives a hook that throws: the error surfaces as uncaught', async () => {
    const runtime = new VirtualRuntime();
    const system = new System(runtime, {
      hooks: {
        onSupervisor: () => {
          throw new Error('broken hook');
        },
      },
    });
    const root = await system.start(
      Supervisor.childSpec({ strategy: 'one_for_one', children: [tree.worker('a')] }),
    );

    Supervisor.child(root, 'a').whereis()!.exit('kill');

    await expect(runtime.settle()).rejects.toThrow('broken hook');
    expect(Supervisor.child(root, 'a').whereis()).toMatchObject({ alive: true, restarts: 1 });
  });

  it('sends messages to an unknown name to the dead letters', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, []);
    const nobody = Supervisor.child<Unchecked>(root, 'nobody');

    expect(nobody.cast('hello', 1)).toBe(false);
    expect(nobody.send('hello')).toBe(false);
    await expect(nobody.call('hello')).rejects.toMatchObject({ code: 'process.noproc' });

    expect(tree.system.letters).toMatchObject([
      { to: nobody, kind: 'cast', name: 'hello', payload: 1, cause: 'noproc' },
      { to: nobody, kind: 'info', payload: 'hello', cause: 'noproc' },
    ]);
  });
});
