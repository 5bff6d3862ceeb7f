// Processes that compete for a few names under all kinds of faults. No name may ever be held twice.
import { StorageFaults, throughFaults, type Cut, type SimulatedProcess, type World } from '@aisle/simulation';
import { isFailure, sleep } from '@aisle/std';
import { System, type Ref } from '@aisle/supervision';
import { ClusterRegistry } from '../group/cluster-registry.ts';
import type { NameStorage } from '../group/name-storage.ts';
import { DEFAULT_LEASE } from '../membership/lease-times.ts';
import { Consumer, type ConsumerProtocol } from './consumer.ts';
import { MemoryNames } from './memory-names.ts';

const KEYS = ['orders', 'stock', 'prices'];
const NODES = ['node-1', 'node-2', 'node-3'];
const START_MS = 500;
const TROUBLE_MS = 12_000;
// The time in which held names are freed, and left-over rows are swept, after the faults stop.
const CONVERGE_MS = 12_000;
const LOOK_MS = 5;
const CUTS: readonly Cut[] = ['to', 'from', 'both'];

/** Branches that a batch of seeds must reach, or its success means little. */
export const requiredCoverage: readonly string[] = [
  'name.registered', 'name.taken', 'name.taken over', 'name.unavailable',
  'registry.lease lapsed', 'registry.name lost', 'registry.names not settled', 'registry.view not read',
  'process.killed', 'process.paused', 'storage.refused', 'storage.late', 'storage.unknown',
];

/** Removes one of the guards, for the self-test of the simulation. */
export type Adapter = (storage: NameStorage) => NameStorage;

interface SimulatedNode {
  readonly process: SimulatedProcess;
  readonly registry: ClusterRegistry<ConsumerProtocol>;
  readonly system: System;
}

/** One run. Rejects if a name is held twice, or cannot be registered after the faults have stopped. */
export function nameScenario(adapter: Adapter = (storage) => storage): (world: World) => Promise<void> {
  return async (world) => {
    const { random } = world;
    const rate = (max: number): number => (random.int(2) === 0 ? 0 : random.next() * max);
    const faults = new StorageFaults(world, { refused: rate(0.03), late: rate(0.05), unknown: rate(0.05) });
    const names = new MemoryNames();
    const nodes = new Map<string, SimulatedNode>();
    const violations = new Set<string>();
    const untilMs = START_MS + TROUBLE_MS;
    let births = 0;
    const start = (name: string): void => {
      const incarnation = `${name}.${(births += 1)}`;
      const node = startNode(world, incarnation, (process) => adapter(throughFaults(process, names, faults)));
      nodes.set(name, node);
      void compete(node, names, world, untilMs).catch((error: unknown) => violations.add(`a bug: ${String(error)}`));
    };
    world.runtime.timers.every(LOOK_MS, () => {
      for (const twice of heldTwice([...nodes.values()])) violations.add(twice);
    });
    NODES.forEach(start);
    await world.runFor(START_MS);

    while (world.nowMs < untilMs) {
      await world.runFor(200 + random.int(1_500));
      disturb(world, nodes, faults, start);
    }
    faults.calm();
    for (const { process } of nodes.values()) process.resume();
    await world.runFor(CONVERGE_MS);

    const [somebody] = [...nodes.values()].filter(({ process }) => process.alive);
    let had = 0;
    if (somebody) for (const key of KEYS) void lastly(somebody, key).then(() => (had += 1));
    await world.runFor(1_000);
    if (somebody && had < KEYS.length) violations.add(`progress: ${KEYS.length - had} names could not be had`);
    if (violations.size > 0) throw new Error([...violations].slice(0, 5).join('\n'));
  };
}

function startNode(
  world: World, incarnation: string, storage: (process: SimulatedProcess) => NameStorage,
): SimulatedNode {
  const process = world.process(incarnation, { clockDriftMax: 0.01, wallClockSkewMsMax: 500 });
  const system = new System(process.runtime, { hooks: {} });
  const registry = new ClusterRegistry<ConsumerProtocol>({
    storage: storage(process), system, incarnation, queue: incarnation,
    onEvent: ({ kind }) => world.coverage.hit(`registry.${kind}`),
  });
  return { process, registry, system };
}

/** Registers a name, holds it for a while, frees it or ends the process, and repeats. */
async function compete(node: SimulatedNode, names: MemoryNames, world: World, untilMs: number): Promise<void> {
  const { process: { runtime }, registry } = node;
  await forever(runtime, () => registry.join());
  while (world.nowMs < untilMs) {
    await sleep(runtime, runtime.random.int(300));
    const key = KEYS[runtime.random.int(KEYS.length)] as string;
    const before = await names.find(key);
    const consumer = await node.system.start(Consumer.childSpec(undefined));
    const outcome = await registered(registry, consumer, key);
    world.coverage.hit(`name.${outcome}`);
    if (outcome === 'registered' && before && before.incarnation !== node.process.name) world.coverage.hit('name.taken over');
    // A holder waits long enough to be considered dead; a process without the name tries again soon.
    if (outcome === 'registered') await sleep(runtime, runtime.random.int(8_000));
    if (runtime.random.int(2) === 0) await registry.unregister(consumer, key);
    consumer.exit('kill');
  }
}

async function registered(
  registry: ClusterRegistry<ConsumerProtocol>, consumer: Ref<ConsumerProtocol>, key: string,
): Promise<'registered' | 'taken' | 'unavailable'> {
  try {
    await registry.register(consumer, key, null);
    return 'registered';
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return failure.code === 'registry.already_registered' ? 'taken' : 'unavailable';
  }
}

async function lastly({ registry, system, process }: SimulatedNode, key: string): Promise<void> {
  const consumer = await system.start(Consumer.childSpec(undefined));
  await forever(process.runtime, () => registry.register(consumer, key, null));
}

async function forever(runtime: SimulatedProcess['runtime'], attempt: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await sleep(runtime, 100);
    }
  }
}

/** Names with several holders at this instant, by each process's own knowledge, including paused ones. */
function heldTwice(nodes: readonly SimulatedNode[]): string[] {
  const living = nodes.filter(({ process }) => process.alive);
  return KEYS.flatMap((key) => {
    const holders = living.filter(({ registry }) => registry.holds(key)).map(({ process }) => process.name);
    return holders.length > 1 ? [`${key} is held by ${holders.join(' and ')}`] : [];
  });
}

function disturb(
  world: World, nodes: ReadonlyMap<string, SimulatedNode>, faults: StorageFaults, start: (name: string) => void,
): void {
  const { random, runtime } = world;
  const name = NODES[random.int(NODES.length)] as string;
  const { process } = nodes.get(name) as SimulatedNode;
  if (!process.alive) return;
  const later = (maxMs: number, run: () => void): void => void runtime.timers.after(100 + random.int(maxMs), run);
  const what = random.int(3);
  if (what === 0) {
    process.kill();
    later(3_000, () => start(name));
  } else if (what === 1) {
    process.pause();
    later(4 * DEFAULT_LEASE.leaseMs, () => process.resume());
  } else {
    faults.partition(process, CUTS[random.int(CUTS.length)] as Cut);
    later(3 * DEFAULT_LEASE.leaseMs, () => faults.heal(process));
  }
}
