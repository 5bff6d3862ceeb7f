import fc from 'fast-check';
import { isAbnormal, type ExitReason } from '../exit-reason.ts';
import type { TreeNode } from '../observe.ts';
import type { Process } from '../process/process.ts';
import { crash } from '../testing/crash.ts';
import { WorkerTree } from '../testing/worker-tree.ts';
import type { ChildSpec, Restart } from './child-spec.ts';
import type { Strategy } from './supervisor-state.ts';
import { Supervisor } from './supervisor.ts';

const strategy = fc.constantFrom<Strategy>('one_for_one', 'one_for_all', 'rest_for_one');
const restart = fc.constantFrom<Restart>('permanent', 'transient', 'temporary');
const reason = fc.constantFrom<ExitReason>('normal', 'shutdown', 'killed', { error: new Error('bug') });
const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');

type Operation =
  | { type: 'add'; id: string; restart: Restart }
  | { type: 'end'; id: string; reason: ExitReason }
  | { type: 'terminate' | 'restart' | 'delete'; id: string };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ type: fc.constant('add' as const), id, restart }),
  fc.record({ type: fc.constant('end' as const), id, reason }),
  fc.record({ type: fc.constantFrom('terminate' as const, 'restart' as const, 'delete' as const), id }),
);

describe('a supervisor', () => {
  it('has the same children as its model after any sequence of starts and ends, and leaks nothing', async () => {
    await fc.assert(
      fc.asyncProperty(strategy, fc.array(operation, { maxLength: 40 }), async (strategy, operations) => {
        const tree = new WorkerTree();
        const model = new Model(strategy);
        const root = await tree.start({ strategy, maxRestarts: Infinity }, []);

        for (const operation of operations) {
          const { type, id } = operation;
          if (type === 'add') {
            await ignoreFailure(Supervisor.startChild(root, tree.worker(id, { restart: operation.restart })));
          } else if (type === 'end') {
            if (model.runs(id)) await tree.end(root, id, operation.reason);
          } else {
            await ignoreFailure(Supervisor[`${type}Child`](root, id));
          }
          model.apply(operation);

          const children = await Supervisor.whichChildren(root);
          expect(children.map(({ id, ref }) => [id, ref !== undefined])).toEqual(model.children());
          expect(starts(tree.log)).toEqual(model.starts);
          expect(tree.system.processCount).toBe(1 + model.running);
        }

        await root.stop('shutdown');
        expectNothingLeft(tree);
      }),
      { numRuns: 150 },
    );
  });

  it('of supervisors keeps its shape through any crashes, when it may restart as often as it likes', async () => {
    await fc.assert(
      fc.asyncProperty(shape(3), victims(), async (shape, victims) => {
        const tree = new WorkerTree();
        const root = await tree.system.start(specOf(shape, tree, Infinity));
        const before = outline(tree.system.observe());

        for (const victim of victims) {
          await strike(tree, victim, (process) => process.parent !== undefined);
          expect(outline(tree.system.observe())).toEqual(before);
        }

        await root.stop('shutdown');
        expectNothingLeft(tree);
      }),
      { numRuns: 60 },
    );
  });

  it('of supervisors with limits may give up, root included, and leaves nothing behind either way', async () => {
    await fc.assert(
      fc.asyncProperty(shape(3), victims(), async (shape, victims) => {
        const tree = new WorkerTree();
        const root = await tree.system.start(specOf(shape, tree, 1));

        for (const victim of victims) await strike(tree, victim, () => true);
        for (const { parent, alive } of tree.system.processes as Set<Process>) {
          expect(alive && (parent === undefined || parent.alive)).toBe(true);
        }

        if (root.alive) await root.stop('shutdown');
        expectNothingLeft(tree);
      }),
      { numRuns: 60 },
    );
  });
});

interface ModelChild {
  readonly id: string;
  readonly restart: Restart;
  running: boolean;
}

/** OTP's manual in thirty lines: which children exist, which run, and how often each was started. */
class Model {
  starts: Record<string, number> = {};
  private list: ModelChild[] = [];

  constructor(private readonly strategy: Strategy) {}

  get running(): number {
    return this.list.filter(({ running }) => running).length;
  }

  children(): [string, boolean][] {
    return this.list.map(({ id, running }) => [id, running]);
  }

  runs(id: string): boolean {
    return this.find(id)?.running ?? false;
  }

  apply(operation: Operation): void {
    const child = this.find(operation.id);
    if (operation.type === 'add') {
      if (child !== undefined) return;
      this.list.push({ id: operation.id, restart: operation.restart, running: false });
      return this.start(operation.id);
    }
    if (child === undefined) return;
    if (operation.type === 'restart' && !child.running) this.start(child.id);
    if (operation.type === 'terminate') this.stop(child);
    if (operation.type === 'delete' && !child.running) this.remove(child);
    if (operation.type === 'end' && child.running) this.end(child, operation.reason);
  }

  private end(child: ModelChild, reason: ExitReason): void {
    child.running = false;
    const again = child.restart === 'permanent' || (child.restart === 'transient' && isAbnormal(reason));
    if (!again) {
      if (child.restart === 'temporary') this.remove(child);
      return;
    }
    const from = this.list.indexOf(child);
    const kin = this.list.filter(
      (other, at) =>
        other === child || this.strategy === 'one_for_all' || (this.strategy === 'rest_for_one' && at > from),
    );
    for (const other of kin) if (other !== child) this.stop(other);
    for (const other of kin) if (this.list.includes(other)) this.start(other.id);
  }

  private start(id: string): void {
    this.find(id)!.running = true;
    this.starts[id] = (this.starts[id] ?? 0) + 1;
  }

  private stop(child: ModelChild): void {
    child.running = false;
    if (child.restart === 'temporary') this.remove(child);
  }

  private remove(child: ModelChild): void {
    this.list = this.list.filter((other) => other !== child);
  }

  private find(id: string): ModelChild | undefined {
    return this.list.find((child) => child.id === id);
  }
}

interface Shape {
  strategy: Strategy;
  children: ('worker' | Shape)[];
}

function shape(depth: number): fc.Arbitrary<Shape> {
  const worker = fc.constant('worker' as const);
  const child = depth === 0 ? worker : fc.oneof({ weight: 2, arbitrary: worker }, shape(depth - 1));
  return fc.record({ strategy, children: fc.array(child, { minLength: 1, maxLength: 4 }) });
}

/** Numbers that choose a process, and whether it is killed or crashes. */
function victims(): fc.Arbitrary<{ nth: number; kill: boolean }[]> {
  return fc.array(fc.record({ nth: fc.nat(), kill: fc.boolean() }), { maxLength: 12 });
}

function specOf(shape: Shape, tree: WorkerTree, maxRestarts: number, id = 'root'): ChildSpec {
  const children = shape.children.map((child, index) =>
    child === 'worker'
      ? tree.worker(`${id}.${index}`)
      : specOf(child, tree, maxRestarts, `${id}.${index}`),
  );
  return Supervisor.childSpec({ strategy: shape.strategy, maxRestarts, children }, { id });
}

async function strike(
  { system }: WorkerTree,
  { nth, kill }: { nth: number; kill: boolean },
  eligible: (process: Process) => boolean,
): Promise<void> {
  const processes = [...(system.processes as Set<Process>)].filter(eligible);
  const victim = processes[nth % Math.max(1, processes.length)];
  if (victim === undefined) return;
  if (kill) victim.exit('kill');
  else crash(victim);
  await system.settle();
}

function outline(nodes: TreeNode[]): unknown[] {
  return nodes
    .map(({ id, children }) => [id, outline(children)] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

function starts(log: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of log) {
    const [what, id] = line.split(' ') as [string, string];
    if (what === 'start') counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

function expectNothingLeft({ system }: WorkerTree): void {
  expect(system.processCount).toBe(0);
  expect(system.virtual.pendingTimers).toBe(0);
  expect(system.observe()).toEqual([]);
}

async function ignoreFailure(operation: Promise<unknown>): Promise<void> {
  await operation.catch(() => undefined);
}
