import { avalanche, fnv1a } from '@aisle/std';

/** A living node, which takes shards, or hands them over if it is draining. */
export interface Candidate {
  readonly incarnation: string;
  readonly draining: boolean;
}

/** The input of a decision; `owners` and `targets` have one entry per shard. */
export interface Allocation {
  readonly alive: readonly Candidate[];
  /** Whether a node is certainly dead. A node that is neither alive nor dead keeps its shards. */
  readonly isDead: (incarnation: string) => boolean;
  readonly owners: readonly (string | null)[];
  readonly targets: readonly (string | null)[];
  /** The most shards that may move for balance alone. */
  readonly movesMax: number;
}

/**
 * Places each shard on a node. A shard stays on its node while that is not dead and not draining. Shards without a node go
 * at once to the nodes with the fewest shards. At most `movesMax` others move for balance. Ties are broken by rendezvous
 * hashing (Thaler and Ravishankar, 1998), so that all allocators with the same input decide alike.
 */
export function allocate({ alive, isDead, owners, targets, movesMax }: Allocation): (string | null)[] {
  const takers = alive.filter(({ draining }) => !draining).map(({ incarnation }) => incarnation);
  const leavers = new Set(alive.filter(({ draining }) => draining).map(({ incarnation }) => incarnation));
  const stays = (incarnation: string | null | undefined): incarnation is string =>
    incarnation != null && !leavers.has(incarnation) && !isDead(incarnation);

  const placed = owners.map((owner, shard) => {
    const target = targets[shard];
    if (stays(target)) return target;
    return stays(owner) && takers.includes(owner) ? owner : null;
  });
  if (takers.length === 0) return placed.map((target, shard) => target ?? targets[shard] ?? null);

  const loads = new Map(takers.map((taker) => [taker, 0]));
  for (const target of placed) if (target !== null) loads.set(target, (loads.get(target) ?? 0) + 1);
  const give = (shard: number, taker: string): void => {
    const before = placed[shard];
    if (before != null) loads.set(before, (loads.get(before) ?? 0) - 1);
    placed[shard] = taker;
    loads.set(taker, (loads.get(taker) ?? 0) + 1);
  };

  placed.forEach((target, shard) => {
    if (target === null) give(shard, leastLoaded(takers, loads, shard));
  });
  for (let moves = 0; moves < movesMax; moves += 1) {
    const least = Math.min(...takers.map((taker) => loads.get(taker) ?? 0));
    const [fullest, most] = [...loads].reduce((one, other) => (other[1] > one[1] ? other : one));
    if (most - least < 2) break;
    const shard = placed.indexOf(fullest);
    give(shard, leastLoaded(takers, loads, shard));
  }
  return placed;
}

function leastLoaded(takers: readonly string[], loads: ReadonlyMap<string, number>, shard: number): string {
  return takers.reduce((best, taker) => {
    const difference = (loads.get(taker) ?? 0) - (loads.get(best) ?? 0);
    if (difference !== 0) return difference < 0 ? taker : best;
    return weight(shard, taker) > weight(shard, best) ? taker : best;
  });
}

function weight(shard: number, incarnation: string): number {
  return avalanche(fnv1a(incarnation, Math.imul(shard + 1, 0x9e3779b1)));
}
