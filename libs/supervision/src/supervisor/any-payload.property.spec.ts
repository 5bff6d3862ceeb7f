import fc from 'fast-check';
import { Supervisor, DynamicSupervisor, PartitionSupervisor, StateKeeper, TaskSupervisor, genServer, ok, type ChildSpec, type Ref } from '../index.ts';
import { VirtualSystem } from '../testing/index.ts';

const Worker = genServer<Record<never, never>, undefined>({ name: 'Worker', init: () => ok(undefined) });

const servers: Record<string, () => ChildSpec> = {
  Supervisor: () => Supervisor.childSpec({ strategy: 'one_for_one', children: [worker('a'), worker('b')] }),
  DynamicSupervisor: () => DynamicSupervisor.childSpec(),
  PartitionSupervisor: () => PartitionSupervisor.childSpec({ partitions: 2, child: () => worker('part') }),
  TaskSupervisor: () => TaskSupervisor.childSpec(),
  StateKeeper: () => StateKeeper.childSpec(),
};

const calls = [
  'startChild', 'terminateChild', 'restartChild', 'deleteChild', 'whichChildren', 'countChildren', 'getChildSpec', 'give', 'take', 'drop',
];
/** Objects that answer every question in an unusual way. */
const hostile: readonly (() => unknown)[] = [
  () => new Proxy({}, { get: throws, has: throws, getPrototypeOf: throws, ownKeys: throws }),
  () => ({ get type() { return throws(); }, get id() { return throws(); }, get key() { return throws(); } }),
  () => Object.create(null) as object,
];
const forged = fc.record({
  type: fc.constantFrom('exit', 'down', 'start', 'try_again', 'stop', 'take'),
  from: fc.anything(), ref: fc.anything(), child: fc.anything(), dead: fc.anything(), reason: fc.anything(),
});
const spec = fc.record({
  id: fc.anything(), start: fc.oneof(fc.anything(), fc.constant(() => undefined), fc.constant(() => ({}))), args: fc.anything(),
  restart: fc.anything(), shutdown: fc.anything(), type: fc.anything(), significant: fc.anything(), name: fc.anything(),
}, { requiredKeys: [] });
const payload = fc.oneof(fc.anything(), forged, spec);
const message = fc.oneof(
  fc.record({ by: fc.constant('send' as const), payload }),
  fc.record({ by: fc.constant('cast' as const), name: fc.oneof(fc.constantFrom(...calls), fc.string()), payload }),
  fc.record({ by: fc.constant('call' as const), name: fc.oneof(fc.constantFrom(...calls), fc.string()), payload }),
);

describe.each(Object.keys(servers))('any payload to a %s', (name) => {
  it('leaves it and its children alive, and a caller gets a Failure', async () => {
    await fc.assert(fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 10 }), async (messages) => {
      const system = new VirtualSystem();
      const ref: Ref = await system.start((servers[name] as () => ChildSpec)());
      const before = system.processCount;

      for (const each of messages) {
        if (each.by === 'send') ref.send(each.payload);
        else if (each.by === 'cast') ref.cast(each.name, each.payload);
        else await failureOf(ref.call(each.name, each.payload));
      }
      await system.settle();

      expect(ref.alive).toBe(true);
      expect(system.processCount).toBe(before);
      expect(system.crashes).toEqual([]);
    }), { numRuns: 200 });
  });

  it.each(hostile.map((make, index) => [index, make] as const))('survives hostile object %i', async (_index, make) => {
    const system = new VirtualSystem();
    const ref: Ref = await system.start((servers[name] as () => ChildSpec)());
    const before = system.processCount;

    ref.send(make());
    for (const call of calls) await failureOf(ref.call(call, make()));
    await system.settle();

    expect([ref.alive, system.processCount, system.crashes]).toEqual([true, before, []]);
  });

  it('is not mistaken for the end of a living child', async () => {
    const system = new VirtualSystem();
    const ref: Ref = await system.start((servers[name] as () => ChildSpec)());
    const others = [...system.processes];

    for (const from of others) ref.send({ type: 'exit', from, reason: 'killed' });
    await system.settle();

    expect([...system.processes]).toEqual(others);
    expect(system.letters.map(({ cause }) => cause)).toEqual(others.map(() => 'unhandled'));
  });
});

function worker(id: string): ChildSpec {
  return Worker.childSpec(undefined, { id });
}

function throws(): never {
  throw new Error('a hostile object');
}

/** Any answer is right, and any error must be a Failure. */
async function failureOf(asked: Promise<unknown>): Promise<void> {
  const settled = await Promise.allSettled([asked]);
  const [end] = settled;
  if (end.status === 'rejected') expect(typeof (end.reason as { kind?: unknown }).kind).toBe('string');
}
