export { Burials } from './burials.ts';
export { DEFAULT_LEASE } from './lease-times.ts';
export type { LeaseTimes } from './lease-times.ts';
export { Membership } from './membership.ts';
export { NodeLease } from './node-lease.ts';
export type { NodeEntry, NodeRow, NodeStorage } from './node-storage.ts';
export { Watch } from './watch.ts';
export type { NodesView, WatchOptions } from './watch.ts';
