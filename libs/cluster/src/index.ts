export { Membership } from './membership.ts';
export type { Member } from './membership.ts';
export { NodeLease } from './node-lease.ts';
export { NodeLease1700000000001 } from './node-lease.migration.ts';
export { NodeLeaseRepository } from './node-lease.repository.ts';
export { placeShards } from './placement.ts';
export { ShardClaims } from './shard-claims.ts';
