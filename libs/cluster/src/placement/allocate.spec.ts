import fc from 'fast-check';
import { allocate, type Allocation } from './allocate.ts';

describe('allocate', () => {
  it('spreads the shards of an empty group evenly', () => {
    expect(loads(decide({ alive: ['a', 'b', 'c'], shards: 256 }))).toEqual({ a: 85, b: 85, c: 86 });
  });

  it('keeps every shard on its node while that lives', () => {
    const targets = decide({ alive: ['a', 'b'], shards: 64 });

    expect(decide({ alive: ['b', 'a'], targets })).toEqual(targets);
    expect(decide({ alive: ['a', 'b', 'c'], targets })).toEqual(targets);
  });

  it('moves the shards of a dead node at once, and no others', () => {
    const targets = decide({ alive: ['a', 'b', 'c'], shards: 90 });

    const next = decide({ alive: ['a', 'c'], targets });

    expect(loads(next)).toEqual({ a: 45, c: 45 });
    expect(next.filter((target, shard) => target !== targets[shard])).toHaveLength(30);
  });

  it('moves the shards of a draining node like those of a dead one', () => {
    const targets = decide({ alive: ['a', 'b'], shards: 8 });

    expect(loads(decide({ alive: ['a', 'b!'], targets }))).toEqual({ a: 8 });
  });

  it('keeps the placement if there is no node to take shards', () => {
    const targets = decide({ alive: ['a', 'b'], shards: 8 });

    expect(decide({ alive: ['a!', 'b!'], targets })).toEqual(targets);
    expect(decide({ alive: [], targets })).toEqual(targets);
  });

  it('moves no shard of a node that is neither alive nor dead', () => {
    const targets = decide({ alive: ['a', 'b'], shards: 8 });

    expect(decide({ alive: ['a'], targets, dead: [] })).toEqual(targets);
  });

  it('keeps a shard without a target on its owner', () => {
    const owners = ['a', 'a', 'a', 'b'];

    expect(decide({ alive: ['a', 'b'], owners, targets: [] })).toEqual(owners);
  });

  it('moves at most a given number for balance', () => {
    const targets = decide({ alive: ['a', 'b'], shards: 100 });

    const next = decide({ alive: ['a', 'b', 'c'], targets, movesMax: 10 });

    expect(loads(next)).toEqual({ a: 45, b: 45, c: 10 });
  });

  it('ends balanced from any start', () => {
    const start = fc.array(fc.constantFrom('a', 'b', 'c', 'd', null), { minLength: 1, maxLength: 64 });
    const nodes = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c'), { minLength: 1 });
    fc.assert(
      fc.property(start, nodes, (begin, alive) => {
        let targets: readonly (string | null)[] = begin;
        for (let round = 0; round < 64; round += 1) targets = decide({ alive, targets, movesMax: 3 });

        const counts = alive.map((taker) => targets.filter((target) => target === taker).length);
        expect(targets.every((target) => target !== null && alive.includes(target))).toBe(true);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(decide({ alive, targets, movesMax: 3 })).toEqual(targets);
      }),
    );
  });
});

interface Situation {
  /** Names of living nodes; an exclamation mark makes a node draining. */
  readonly alive: readonly string[];
  readonly shards?: number;
  readonly targets?: Allocation['targets'];
  readonly owners?: Allocation['owners'];
  /** Dead nodes; by default all that are not alive. */
  readonly dead?: readonly string[];
  readonly movesMax?: number;
}

function decide({ alive, shards = 0, targets, owners, dead, movesMax = 0 }: Situation): (string | null)[] {
  const nodes = alive.map((name) => ({ incarnation: name.replace('!', ''), draining: name.endsWith('!') }));
  return allocate({
    alive: nodes,
    isDead: (name) => (dead ? dead.includes(name) : !nodes.some(({ incarnation }) => incarnation === name)),
    owners: owners ?? targets ?? Array<null>(shards).fill(null),
    targets: targets ?? [],
    movesMax,
  });
}

function loads(targets: readonly (string | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const target of [...targets].sort()) counts[String(target)] = (counts[String(target)] ?? 0) + 1;
  return counts;
}
