import { SHARDS, actorKey, actorOf, shardOf } from './shards.ts';

describe('shardOf', () => {
  it.each([
    ['default/m1/anna', 'basket'],
    ['default/m1/b%2F1', 'basket'],
    ['default/m1', 'market'],
  ] as const)('puts %s of the %s group where it has always been', (key, group) => {
    expect(shardOf(group, key)).toMatchSnapshot();
  });

  it('spreads keys evenly, so that no shard has twice its share', () => {
    const counts = new Array<number>(SHARDS.basket).fill(0);
    for (let index = 0; index < 100 * SHARDS.basket; index += 1) {
      const shard = shardOf('basket', actorKey('default', 'm1', `basket-${index}`));
      counts[shard] = (counts[shard] ?? 0) + 1;
    }

    expect(Math.max(...counts)).toBeLessThan(200);
    expect(Math.min(...counts)).toBeGreaterThan(50);
  });
});

describe('actorKey', () => {
  it('gives different triples different keys, with any characters in the names', () => {
    expect(actorKey('t', 'a/b', 'c')).not.toBe(actorKey('t', 'a', 'b/c'));
    expect(actorKey('t', 'a%2Fb', 'c')).not.toBe(actorKey('t', 'a/b', 'c'));
  });

  it.each(['anna', "Bob's list", 'a/b', 'a%2Fb', '牛乳', '', "-_.!~*'()", 'a\nb', 'a\n'])('escapes %j as a part of a URL', (id) => {
    expect(actorKey('t', 'm', id)).toBe(`t/m/${encodeURIComponent(id)}`);
  });

  it('is split into its parts again', () => {
    expect(actorOf(actorKey('t', 'a/b', "Bob's 100 %"))).toEqual({ tenant: 't', market: 'a/b', id: "Bob's 100 %" });
  });
});
