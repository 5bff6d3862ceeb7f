import type { ShardOwner } from '@aisle/journal';
import { unavailableReason } from '@aisle/persistence';
import type { NodeEntry, NodeRow } from '@aisle/registry/membership';
import type { Pool, QueryResultRow } from 'pg';
import { ClusterFailure } from '../cluster-failures.ts';
import type { ClusterStorage, ClusterView, Placement } from './cluster-storage.ts';

/** Queries the cluster tables. Throws `ClusterFailure.unavailable` while PostgreSQL does not answer. */
export async function queryCluster<R extends QueryResultRow>(
  pool: Pool, sql: string, values: readonly unknown[] = [],
): Promise<R[]> {
  try {
    return (await pool.query<R>(sql, [...values])).rows;
  } catch (error) {
    const reason = unavailableReason(error);
    throw reason === undefined ? error : ClusterFailure.unavailable(reason).causedBy(error);
  }
}

interface RawView {
  nodes: NodeRow[];
  /** `[shard, epoch, owner]`; a shard that was never claimed has no row. Null if the stamp is the known one. */
  owners: [number, number, string | null][] | null;
  stamp: string;
  version: number;
  /** Null if the version is the known one. */
  targets: (string | null)[] | null;
}

// One statement is one snapshot. It reads the journal's leases, which only the journal writes. Leases and targets seldom
// change, so they are sent only with another stamp or version. A claim adds to the epochs. Between two claims owners are
// only removed, so the sum of epochs and the number of owners name one state.
const VIEW = `
  SELECT
    (SELECT coalesce(json_agg(json_build_object(
       'incarnation', incarnation, 'queue', queue, 'draining', draining, 'beat', beat::text)
       ORDER BY incarnation), '[]') FROM node_lease) AS nodes,
    leases.stamp,
    CASE WHEN leases.stamp <> $1 THEN
      (SELECT coalesce(json_agg(json_build_array(shard, epoch, owner)), '[]') FROM shard_lease) END AS owners,
    version::int AS version, CASE WHEN version <> $2 THEN targets END AS targets
  FROM placement, (SELECT concat(sum(epoch), '/', count(owner)) AS stamp FROM shard_lease) AS leases`;

interface Known {
  readonly stamp: string;
  readonly owners: readonly ShardOwner[];
  readonly placement: Placement;
}

const UNKNOWN: Known = { stamp: '', owners: [], placement: { version: -1, targets: [] } };

/** A shard group's nodes and placement in PostgreSQL, in the group's own schema. Throws `ClusterFailure.unavailable`. */
export class ClusterRepository implements ClusterStorage {
  private known = UNKNOWN;

  constructor(
    private readonly pool: Pool,
    /** The number of shards of the group. */
    private readonly shards: number,
  ) {}

  async beat({ incarnation, queue, draining }: NodeEntry): Promise<void> {
    // The first beat is above all earlier ones, so that a deleted node that comes back is seen with a changed beat. Later
    // beats only update: a conflicting insert would log a lock of the row as well.
    await queryCluster(
      this.pool,
      `WITH moved AS (UPDATE node_lease SET beat = beat + 1, draining = $3 WHERE incarnation = $1 RETURNING beat)
       INSERT INTO node_lease (incarnation, queue, draining, beat)
       SELECT $1, $2, $3, extract(epoch FROM clock_timestamp()) * 1000 WHERE NOT EXISTS (SELECT FROM moved)
       ON CONFLICT (incarnation) DO UPDATE SET beat = node_lease.beat + 1, draining = $3`,
      [incarnation, queue, draining],
    );
  }

  async remove(incarnation: string): Promise<void> {
    await queryCluster(this.pool, 'DELETE FROM node_lease WHERE incarnation = $1', [incarnation]);
  }

  async bury({ incarnation, beat }: NodeRow): Promise<void> {
    await queryCluster(this.pool, 'DELETE FROM node_lease WHERE incarnation = $1 AND beat = $2', [incarnation, beat]);
  }

  async view(): Promise<ClusterView> {
    const { known } = this;
    // After a failure the database may be another one: a restored copy has other owners under known stamps.
    this.known = UNKNOWN;
    const [{ nodes, owners: claimed, stamp, version, targets }] =
      (await queryCluster<RawView>(this.pool, VIEW, [known.stamp, known.placement.version])) as [RawView];
    const owners = claimed ? this.ownersOf(claimed) : known.owners;
    const placement = targets ? { version, targets } : known.placement;
    this.known = { stamp, owners, placement };
    return { nodes, owners, placement };
  }

  private ownersOf(claimed: readonly (readonly [number, number, string | null])[]): readonly ShardOwner[] {
    const owners: ShardOwner[] = Array.from({ length: this.shards }, (_, shard) => ({ shard, epoch: 0, owner: null }));
    for (const [shard, epoch, owner] of claimed) owners[shard] = { shard, epoch, owner };
    return owners;
  }

  async place(seenVersion: number, targets: readonly (string | null)[]): Promise<boolean> {
    const rows = await queryCluster(
      this.pool,
      'UPDATE placement SET version = version + 1, targets = $2 WHERE version = $1 RETURNING version',
      [seenVersion, targets],
    );
    return rows.length === 1;
  }
}
