import type { ShardOwner } from '@aisle/journal';
import { unavailableReason } from '@aisle/persistence';
import type { NodeEntry, NodeRow } from '@aisle/registry/membership';
import type { Pool, QueryResultRow } from 'pg';
import { ClusterFailure } from '../cluster-failures.ts';
import type { ClusterStorage, ClusterView } from './cluster-storage.ts';

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
  /** `[shard, epoch, owner]`; a shard that was never claimed has no row. */
  owners: [number, number, string | null][];
  version: number;
  targets: (string | null)[];
}

// One statement is one snapshot. It reads the journal's leases, which only the journal writes.
const VIEW = `
  SELECT
    (SELECT coalesce(json_agg(json_build_object(
       'incarnation', incarnation, 'queue', queue, 'draining', draining, 'beat', beat::text)
       ORDER BY incarnation), '[]') FROM node_lease) AS nodes,
    (SELECT coalesce(json_agg(json_build_array(shard, epoch, owner)), '[]') FROM shard_lease) AS owners,
    version::int AS version, targets
  FROM placement`;

/** A shard group's nodes and placement in PostgreSQL, in the group's own schema. Throws `ClusterFailure.unavailable`. */
export class ClusterRepository implements ClusterStorage {
  constructor(
    private readonly pool: Pool,
    /** The number of shards of the group. */
    private readonly shards: number,
  ) {}

  async beat({ incarnation, queue, draining }: NodeEntry): Promise<void> {
    // The first beat is above all earlier ones, so that a deleted node that comes back is seen with a changed beat.
    await queryCluster(
      this.pool,
      `INSERT INTO node_lease (incarnation, queue, draining, beat)
       VALUES ($1, $2, $3, extract(epoch FROM clock_timestamp()) * 1000)
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
    const [{ nodes, owners: claimed, version, targets }] = (await queryCluster<RawView>(this.pool, VIEW)) as [RawView];
    const owners: ShardOwner[] = Array.from({ length: this.shards }, (_, shard) => ({ shard, epoch: 0, owner: null }));
    for (const [shard, epoch, owner] of claimed) owners[shard] = { shard, epoch, owner };
    return { nodes, owners, placement: { version, targets } };
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
