import { avalanche, fnv1a } from '@aisle/std';

/** The number of shards of each group. It is fixed for good, because the shard of a key must never change. */
export const SHARDS = { basket: 256, market: 32 } as const;
/** A group of actors with its own shards. */
export type ShardGroup = keyof typeof SHARDS;

/** The queue of the managers of each group, which route messages to the owners of their shards. */
export const ROUTERS: Readonly<Record<ShardGroup, string>> = { basket: 'basket-manager', market: 'market-manager' };

// Characters that `encodeURIComponent` does not change.
const UNRESERVED = /^[\w.!~*'()-]*$/;

/** The full key of an actor. Its parts are escaped, so that different triples have different keys. */
export function actorKey(tenant: string, market: string, id: string): string {
  return `${escaped(tenant)}/${escaped(market)}/${escaped(id)}`;
}

function escaped(part: string): string {
  return UNRESERVED.test(part) ? part : encodeURIComponent(part);
}

/** The parts of a key of `actorKey`. */
export function actorOf(key: string): { tenant: string; market: string; id: string } {
  const [tenant = '', market = '', id = ''] = key.split('/').map(decodeURIComponent);
  return { tenant, market, id };
}

/** The shard of a key in its group. The hash is fixed for good, like the number of shards. */
export function shardOf(group: ShardGroup, key: string): number {
  return avalanche(fnv1a(key)) % SHARDS[group];
}
