import {
  DynamicSupervisor, genServer, ok, PartitionSupervisor, StateKeeper, Supervisor, System, TaskSupervisor,
  type ChildSpec, type Ref, type Unchecked,
} from '../index.ts';
import { VirtualSystem } from '../testing/index.ts';

const Worker = genServer<{ call: { id(): string } }, undefined>({
  name: 'Worker', init: () => ok(undefined), handleCall: { id: () => { throw new Error('never asked'); } },
});

const NO_COUNTS = [-1, NaN, '3', null];
const NO_DURATIONS = [-1, NaN, -Infinity, 'soon', null];

/** An option, refused values of it, and a word from the error text. */
const flags: [string, unknown[]][] = [
  ['maxRestarts', [...NO_COUNTS, 1.5]],
  ['maxSeconds', [...NO_COUNTS, 0]],
  ['backoff', [null, 5, 'fast', {}, ...NO_DURATIONS.map((minMs) => ({ minMs, maxMs: 5, jitter: 0 })),
    { minMs: 1, maxMs: 0, jitter: 0 }, { minMs: 1, maxMs: 2, jitter: 1.5 }, { minMs: 1, maxMs: 2, jitter: NaN }]],
];
const specOptions: [string, unknown[]][] = [
  ['id', [undefined, 5, null, {}]],
  ['start', [undefined, 'start', {}]],
  ['restart', ['prmanent', 5, null]],
  ['shutdown', ['brutal', ...NO_DURATIONS]],
  ['startTimeoutMs', ['brutal_kill', ...NO_DURATIONS]],
  ['type', ['wroker', 5]],
  ['significant', ['yes', 1]],
  ['name', ['me', {}, { register: 5 }]],
];

function rows(table: [string, unknown[]][]): [string, unknown][] {
  return table.flatMap(([option, values]) => values.map((value): [string, unknown] => [option, value]));
}

describe('an invalid option', () => {
  let system: VirtualSystem;

  beforeEach(() => {
    system = new VirtualSystem();
  });

  it.each(rows([
    ...flags, ['strategy', ['one_for_non', undefined, 5]], ['autoShutdown', ['sometimes', 1]], ['children', [undefined, {}, 'none']],
  ]))('is refused by a Supervisor: %s %p', (option, value) => {
    const tree = { strategy: 'one_for_one', children: [], [option]: value } as Unchecked;

    expect(thrownBy(() => Supervisor.childSpec(tree))).toMatchObject({ code: 'child.invalid_spec', details: { why: expect.stringContaining(option) as string } });
  });

  it.each(rows([...flags, ['maxChildren', [...NO_COUNTS, 1.5]]]))('is refused by a DynamicSupervisor: %s %p', async (option, value) => {
    const start = system.start(DynamicSupervisor.childSpec({ [option]: value } as Unchecked));

    await expect(start).rejects.toMatchObject({ code: 'child.start_failed', details: { reason: expect.stringContaining(option) as string } });
  });

  it.each(rows(specOptions))('is refused in a child specification: %s %p', async (option, value) => {
    const spec = { ...Worker.childSpec(undefined), [option]: value } as Unchecked;
    const dynamic: Ref = await system.start(DynamicSupervisor.childSpec());
    const fixed: Ref = await system.start(Supervisor.childSpec({ strategy: 'one_for_one', children: [] }));
    const why = { code: 'child.invalid_spec', details: { why: expect.stringContaining(option) as string } };

    expect(thrownBy(() => Supervisor.childSpec({ strategy: 'one_for_one', children: [spec] }))).toMatchObject(why);
    await expect(Supervisor.startChild(fixed, spec as ChildSpec)).rejects.toMatchObject(why);
    await expect(DynamicSupervisor.startChild(dynamic, spec as ChildSpec)).rejects.toMatchObject(why);
    expect([fixed.alive, dynamic.alive]).toEqual([true, true]);
  });

  it.each(rows([['partitions', [0, 2.5, -1, NaN, '2']], ['child', [undefined, {}]]]))('is refused by a PartitionSupervisor: %s %p', (option, value) => {
    const partitions = { partitions: 2, child: () => Worker.childSpec(undefined), [option]: value } as Unchecked;

    expect(String(thrownBy(() => PartitionSupervisor.childSpec(partitions)))).toContain(`${option} is`);
  });

  it.each([NaN, Infinity, undefined, {}, 5n])('is refused as the key of a partition: %p', async (key) => {
    const supervisor = await system.start(PartitionSupervisor.childSpec({ partitions: 2, child: () => Worker.childSpec(undefined) }));

    expect(String(thrownBy(() => PartitionSupervisor.partition(supervisor, key as number)))).toContain('key is');
  });

  it.each([-1, 1.5, -0.5, 2 ** 53, Number.MAX_VALUE])('is not the key %p of a partition', async (key) => {
    const supervisor = await system.start(PartitionSupervisor.childSpec({ partitions: 3, child: () => Worker.childSpec(undefined) }));

    expect(PartitionSupervisor.partition(supervisor, key).whereis()).toBeDefined();
  });

  it.each(rows([
    ['name', [undefined, 5]], ['init', [undefined, 'init']],
    ['mailbox', [5, { messagesMax: 0 }, { messagesMax: NaN }, { bytesMax: -1 }, { overflow: 'drop' }]],
  ]))('is refused by genServer: %s %p', (option, value) => {
    const callbacks = { name: 'W', init: () => ok(undefined), [option]: value } as Unchecked;

    expect(String(thrownBy(() => genServer(callbacks)))).toContain(option);
  });

  it.each(NO_DURATIONS.slice(0, 4))('is refused as a timeout of a call and of a stop: %p', async (timeoutMs) => {
    const worker = await system.start(Worker.childSpec(undefined));

    await expect(worker.call('id', undefined, { timeoutMs: timeoutMs as number })).rejects.toThrow('timeoutMs is');
    await expect(worker.stop('normal', timeoutMs as number)).rejects.toThrow('timeoutMs is');
    expect(worker.alive).toBe(true);
  });

  it.each([undefined, null, 5, 'gone', {}])('is refused as the reason of an end: %p', async (reason) => {
    const worker = await system.start(Worker.childSpec(undefined));

    expect(thrownBy(() => worker.exit(reason as 'kill'))).toBeInstanceOf(TypeError);
    expect(worker.alive).toBe(true);
  });

  it('is refused as a number of kept or shown entries', async () => {
    await expect(system.start(StateKeeper.childSpec({ entriesMax: -1 }))).rejects.toMatchObject({ code: 'child.start_failed' });
    expect(String(thrownBy(() => new System(system.runtime, { deadLettersMax: NaN })))).toContain('deadLettersMax is NaN');
    expect(String(thrownBy(() => system.observe({ childrenMax: -1 })))).toContain('childrenMax is -1');
    const tasks = await system.start(TaskSupervisor.childSpec());
    await expect(TaskSupervisor.async(tasks, undefined as unknown as () => void)).rejects.toThrow('work is undefined');
    await expect(TaskSupervisor.stream(tasks, [1], (n) => n, { concurrency: 0 }).next()).rejects.toThrow('concurrency is 0');
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
