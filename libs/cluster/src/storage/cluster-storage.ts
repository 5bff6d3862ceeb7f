import type { ShardOwner } from '@aisle/journal';
import type { NodeRow, NodeStorage } from '@aisle/registry/membership';

/** The intended owner of each shard: an incarnation or null per shard. Each decision has a new version. */
export interface Placement {
  readonly version: number;
  readonly targets: readonly (string | null)[];
}

/** The state of a shard group at one instant. */
export interface ClusterView {
  readonly nodes: readonly NodeRow[];
  /** The actual owners: one entry per shard, at the shard's index. */
  readonly owners: readonly ShardOwner[];
  readonly placement: Placement;
}

/**
 * The shared storage of a shard group. There are two implementations, PostgreSQL and memory, and both pass one contract
 * suite. Calls reject with a failure of kind `unavailable` while the storage does not answer.
 */
export interface ClusterStorage extends NodeStorage {
  /** Deletes a dead node's row, unless its beat has changed since `node` was read. */
  bury(node: NodeRow): Promise<void>;
  /** The whole state in one snapshot. No epoch in it is younger than a beat in it. */
  view(): Promise<ClusterView>;
  /** Stores a new decision if `seenVersion` is still the latest one; otherwise returns false. */
  place(seenVersion: number, targets: readonly (string | null)[]): Promise<boolean>;
}
