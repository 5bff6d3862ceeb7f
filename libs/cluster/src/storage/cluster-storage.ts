import type { ShardOwner } from '@aisle/journal';
import type { NodeRow, NodeStorage } from '@aisle/registry/membership';

/** Who ought to own which shard: one incarnation a shard, or null. One version is one decision. */
export interface Placement {
  readonly version: number;
  readonly targets: readonly (string | null)[];
}

/** All that is known of a shard group, at one instant. */
export interface ClusterView {
  readonly nodes: readonly NodeRow[];
  /** Who does own it: an entry a shard, at its number. */
  readonly owners: readonly ShardOwner[];
  readonly placement: Placement;
}

/**
 * Where the processes of one shard group meet. Two implementations pass one contract suite: PostgreSQL, and
 * memory for the simulator. Calls reject with a failure of kind `unavailable` when it is away.
 */
export interface ClusterStorage extends NodeStorage {
  /** Takes a dead node out, unless its beat has moved since it was seen like this. */
  bury(node: NodeRow): Promise<void>;
  /** Everything, in one snapshot: an epoch that it shows is not younger than a beat that it shows. */
  view(): Promise<ClusterView>;
  /** Decides anew, if `seenVersion` is still the latest decision; false when somebody was faster. */
  place(seenVersion: number, targets: readonly (string | null)[]): Promise<boolean>;
}
