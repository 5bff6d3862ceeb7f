import { avalanche, fnv1a } from '@aisle/std';

/** Shard groups and their number of shards, fixed for life: a key's shard must never change. */
export const SHARDS = { basket: 256, market: 32 } as const;
/** What is spread over shards of its own. */
export type ShardGroup = keyof typeof SHARDS;

/** The queue of the managers of a group, who route each message to the owner of its shard. */
export const ROUTERS: Readonly<Record<ShardGroup, string>> = { basket: 'basket-manager', market: 'market-manager' };

// What `encodeURIComponent` leaves as it is.
const UNRESERVED = /^[\w.!~*'()-]*$/;

/** The whole key of an actor; its parts are escaped, so that no two triples share a key. */
export function actorKey(tenant: string, market: string, id: string): string {
  return `${escaped(tenant)}/${escaped(market)}/${escaped(id)}`;
}

function escaped(part: string): string {
  return UNRESERVED.test(part) ? part : encodeURIComponent(part);
}

/** The parts that `actorKey` made the key of. */
export function actorOf(key: string): { tenant: string; market: string; id: string } {
  const [tenant = '', market = '', id = ''] = key.split('/').map(decodeURIComponent);
  return { tenant, market, id };
}

/** The shard of a key in its group. The hash is fixed for life, like the number of shards. */
export function shardOf(group: ShardGroup, key: string): number {
  return avalanche(fnv1a(key)) % SHARDS[group];
}
