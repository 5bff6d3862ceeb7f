import { fnv1a } from '@aisle/std';
import { WorkerTree, type WorkerProtocol } from '../testing/worker-tree.ts';
import { PartitionSupervisor } from './partition-supervisor.ts';
import { Supervisor } from './supervisor.ts';

describe('PartitionSupervisor', () => {
  const partitions = 4;
  let tree: WorkerTree;
  beforeEach(() => {
    tree = new WorkerTree();
  });

  it('runs the same server once per partition', async () => {
    const supervisor = await start();

    expect(await Supervisor.countChildren(supervisor)).toMatchObject({ active: partitions });
    expect(tree.log).toEqual(['start worker 0', 'start worker 1', 'start worker 2', 'start worker 3']);
  });

  it('sends an integer to its remainder, and a name always to the same part', async () => {
    const supervisor = await start();
    const ask = (key: string | number): Promise<string> =>
      PartitionSupervisor.partition<WorkerProtocol>(supervisor, key).call('id');

    expect(await ask(6)).toBe('worker 2');
    const names = Array.from({ length: 100 }, (_, index) => `name ${index}`);
    const parts = await Promise.all(names.map(ask));
    expect(new Set(parts).size).toBe(partitions);
    expect(parts).toEqual(names.map((name) => `worker ${fnv1a(name) % partitions}`));
  });

  it('keeps the address of a part through the part’s restart, and through its own', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [spec()]);
    const part = PartitionSupervisor.partition<WorkerProtocol>(
      Supervisor.child(root, 'PartitionSupervisor'),
      1,
    );

    part.whereis()!.exit('kill');
    await tree.system.settle();
    expect(await part.call('id')).toBe('worker 1');
    Supervisor.child(root, 'PartitionSupervisor').whereis()!.exit('kill');
    await tree.system.settle();

    expect(await part.call('id')).toBe('worker 1');
  });

  it('is not found if no supervisor lives at the address', async () => {
    const supervisor = await start();
    supervisor.exit('kill');

    expect(() => PartitionSupervisor.partition(supervisor, 1)).toThrow('no process at this address');
  });

  function spec(): ReturnType<typeof PartitionSupervisor.childSpec> {
    return PartitionSupervisor.childSpec({
      partitions,
      child: (index) => tree.worker(`worker ${index}`),
    });
  }

  function start(): ReturnType<typeof tree.system.start> {
    return tree.system.start(spec());
  }
});
