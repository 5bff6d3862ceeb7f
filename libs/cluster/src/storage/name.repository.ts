import type { NameClaim, NameRow, NameStorage } from '@aisle/registry';
import type { NodeEntry, NodeRow, NodesView } from '@aisle/registry/membership';
import type { Pool } from 'pg';
import { ClusterRepository, queryCluster } from './cluster.repository.ts';

const ROW = 'key, claim, version::int AS version, incarnation, queue, value';

// Of two concurrent claims of a name, the second waits for the first, and then finds the name taken.
const CLAIM = `
  INSERT INTO cluster_name AS held (key, claim, incarnation, queue, value) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (key) DO UPDATE
    SET claim = excluded.claim, version = 0, incarnation = excluded.incarnation, queue = excluded.queue,
        value = excluded.value
    WHERE held.claim = $6 AND held.version = $7
  RETURNING ${ROW}`;

// The node's row is the lock: a concurrent beat is either seen here, or finds its row deleted.
const BURY = `
  WITH buried AS (DELETE FROM node_lease WHERE incarnation = $1 AND beat = $2 RETURNING incarnation)
  DELETE FROM cluster_name WHERE incarnation IN (SELECT incarnation FROM buried)`;

/** A group's processes and names in PostgreSQL, in a schema with `clusterMigrations`. Throws `ClusterFailure.unavailable`. */
export class NameRepository implements NameStorage {
  private readonly nodes: ClusterRepository;

  constructor(private readonly pool: Pool) {
    this.nodes = new ClusterRepository(pool, 0);
  }

  beat(node: NodeEntry): Promise<void> {
    return this.nodes.beat(node);
  }

  remove(incarnation: string): Promise<void> {
    return this.nodes.remove(incarnation);
  }

  async view(): Promise<NodesView> {
    const nodes = await queryCluster<NodeRow>(
      this.pool,
      'SELECT incarnation, queue, draining, beat::text AS beat FROM node_lease ORDER BY incarnation',
    );
    return { nodes };
  }

  async claim({ key, claim, incarnation, queue, value }: NameClaim, seen?: NameRow): Promise<NameRow> {
    const json = JSON.stringify(value ?? null);
    const values = [key, claim, incarnation, queue, json, seen?.claim ?? null, seen?.version ?? null];
    for (;;) {
      const [taken] = await queryCluster<NameRow>(this.pool, CLAIM, values);
      const row = taken ?? (await this.find(key));
      // Without a row, the name was freed between the two statements.
      if (row) return row;
    }
  }

  async renew(claims: readonly string[]): Promise<readonly string[]> {
    const rows = await queryCluster<Pick<NameRow, 'claim'>>(
      this.pool,
      'UPDATE cluster_name SET version = version + 1 WHERE claim = ANY($1) RETURNING claim',
      [claims],
    );
    return rows.map(({ claim }) => claim);
  }

  async release(claims: readonly string[]): Promise<void> {
    await queryCluster(this.pool, 'DELETE FROM cluster_name WHERE claim = ANY($1)', [claims]);
  }

  async setValue(claim: string, value: unknown): Promise<boolean> {
    const rows = await queryCluster(
      this.pool,
      'UPDATE cluster_name SET value = $2 WHERE claim = $1 RETURNING claim',
      [claim, JSON.stringify(value ?? null)],
    );
    return rows.length === 1;
  }

  async find(key: string): Promise<NameRow | undefined> {
    const [row] = await queryCluster<NameRow>(this.pool, `SELECT ${ROW} FROM cluster_name WHERE key = $1`, [key]);
    return row;
  }

  list(incarnation?: string): Promise<readonly NameRow[]> {
    return queryCluster<NameRow>(
      this.pool,
      `SELECT ${ROW} FROM cluster_name WHERE incarnation = $1 OR $1 IS NULL ORDER BY key COLLATE "C"`,
      [incarnation ?? null],
    );
  }

  async bury({ incarnation, beat }: NodeRow): Promise<void> {
    await queryCluster(this.pool, BURY, [incarnation, beat]);
  }
}
