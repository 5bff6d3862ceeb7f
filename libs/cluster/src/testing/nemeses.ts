import type { Cut, SimulatedProcess, World } from '@aisle/simulation';
import type { Random } from '@aisle/std';
import { leases, type SimulatedCluster } from './simulated-cluster.ts';

/** Injects a fault into a running cluster, and removes it after a while. */
type Nemesis = (cluster: SimulatedCluster, world: World) => void;

/** The carts that the clients fill. */
export const CARTS = ['a', 'b', 'c', 'd'];

const CUTS: readonly Cut[] = ['to', 'from', 'both'];

/** All injected faults, by name. */
export const nemeses: Readonly<Record<string, Nemesis>> = {
  'kill a node': (cluster, world) => {
    const name = pick(world.random, [...cluster.nodes.keys()]);
    const { process } = nodeOf(cluster, name);
    if (!process.alive) return;
    process.kill();
    later(world, [100, 4_000], () => cluster.startNode(name));
  },
  'kill a node in its commit': (cluster, world) => {
    const name = pick(world.random, [...cluster.nodes.keys()]);
    const { process } = nodeOf(cluster, name);
    if (!process.alive) return;
    const method = pick(world.random, ['commit', 'commit', 'claim', 'release', 'saveSnapshot']);
    const moment = pick(world.random, ['before', 'after'] as const);
    cluster.storageFaults.crashAt(process, method, 1 + world.random.int(3), moment);
    process.whenKilled(() => later(world, [100, 3_000], () => cluster.startNode(name)));
  },
  'kill all nodes': (cluster, world) => {
    for (const [name, { process }] of cluster.nodes) {
      if (!process.alive) continue;
      process.kill();
      later(world, [100, 2_000], () => cluster.startNode(name));
    }
  },
  'kill a manager': (cluster, world) => {
    const name = pick(world.random, [...cluster.managers.keys()]);
    const process = cluster.managers.get(name) as SimulatedProcess;
    if (!process.alive) return;
    process.kill();
    later(world, [100, 3_000], () => cluster.startManager(name));
  },
  'pause a node': (cluster, world) => {
    const { process } = nodeOf(cluster, pick(world.random, [...cluster.nodes.keys()]));
    pause(world, process, leases(pick(world.random, [0.5, 1.5, 2, 5])));
  },
  'pause a manager': (cluster, world) => {
    pause(world, pick(world.random, [...cluster.managers.values()]), leases(pick(world.random, [0.5, 1.5])));
  },
  'cut a node off from the broker': (cluster, world) => {
    const { process } = nodeOf(cluster, pick(world.random, [...cluster.nodes.keys()]));
    cluster.network.partition(process, pick(world.random, CUTS));
    later(world, [300, 4_000], () => cluster.network.heal(process));
  },
  'cut a node off from the storage': (cluster, world) => {
    const { process } = nodeOf(cluster, pick(world.random, [...cluster.nodes.keys()]));
    cluster.storageFaults.partition(process, pick(world.random, CUTS));
    later(world, [300, 5_000], () => cluster.storageFaults.heal(process));
  },
  'flush the broker': (cluster) => cluster.network.flush(),
  'pause the broker': (cluster, world) => {
    cluster.network.pause();
    later(world, [200, 2_500], () => cluster.network.resume());
  },
  'restart a node in order': (cluster, world) => {
    const name = pick(world.random, [...cluster.nodes.keys()]);
    const { process } = nodeOf(cluster, name);
    if (!process.alive || process.paused) return;
    cluster.stopNode(name);
    process.whenKilled(() => later(world, [100, 1_000], () => cluster.startNode(name)));
  },
  'poison rows': (cluster, world) => {
    for (let left = 1 + world.random.int(6); left > 0; left -= 1) cluster.poison(pick(world.random, CARTS));
  },
  'crash actors in their commits': (cluster, world) => {
    for (const { process, carts } of cluster.nodes.values()) {
      if (process.alive) for (const cart of carts) cart.crashesLeft = 1 + world.random.int(3);
    }
  },
};

/** Removes all faults: paused processes are resumed, and dead ones are started again. */
export function heal(cluster: SimulatedCluster): void {
  cluster.network.calm();
  cluster.storageFaults.calm();
  for (const [name, { process }] of cluster.nodes) {
    process.resume();
    cluster.startNode(name);
  }
  for (const [name, process] of cluster.managers) {
    process.resume();
    cluster.startManager(name);
  }
}

/** A random element of the list. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.int(list.length)] as T;
}

function nodeOf(cluster: SimulatedCluster, name: string): { readonly process: SimulatedProcess } {
  return cluster.nodes.get(name) as { process: SimulatedProcess };
}

function pause(world: World, process: SimulatedProcess, ms: number): void {
  process.pause();
  world.runtime.timers.after(ms, () => process.resume());
}

function later(world: World, [fromMs, toMs]: readonly [number, number], run: () => void): void {
  world.runtime.timers.after(fromMs + world.random.int(toMs - fromMs), run);
}
