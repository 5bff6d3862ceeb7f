import { placeShards } from './placement.ts';

describe('placeShards', () => {
  it('spreads shards over members', () => {
    const owners = placeShards(members('a', 'b', 'c'), 256);

    for (const name of ['a', 'b', 'c']) {
      expect(owners.filter(({ incarnation }) => incarnation === name).length).toBeGreaterThan(50);
    }
  });

  it('moves only the shards of a member that leaves', () => {
    const before = placeShards(members('a', 'b', 'c'), 256);

    const after = placeShards(members('a', 'c'), 256);

    for (const [shard, owner] of before.entries()) {
      if (owner.incarnation !== 'b') expect(after[shard]).toEqual(owner);
    }
  });

  it('has no owners to name without members', () => {
    expect(placeShards([], 256)).toEqual([]);
  });
});

function members(...names: string[]): { incarnation: string; queue: string }[] {
  return names.map((incarnation) => ({ incarnation, queue: `queue-${incarnation}` }));
}
