import type { MigrationClass } from '@aisle/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row per running process of the group; its beat changes while it lives. */
class NodeLease1700000000001 implements MigrationInterface {
  readonly name = 'NodeLease1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    // Two updates a second of a narrow row: fillfactor 10 keeps them on one page, off the indexes.
    await runner.query(`
      CREATE TABLE node_lease (
        incarnation text PRIMARY KEY,
        queue       text NOT NULL,
        beat        bigint NOT NULL DEFAULT 0,
        started_at  timestamptz NOT NULL DEFAULT now()
      ) WITH (fillfactor = 10)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE node_lease');
  }
}

/** The one row with the intended owner of each shard, and the column for draining nodes. */
class Placement1795219200000 implements MigrationInterface {
  readonly name = 'Placement1795219200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE node_lease ADD COLUMN draining boolean NOT NULL DEFAULT false;
      CREATE TABLE placement (
        the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
        version  bigint NOT NULL,
        targets  text[] NOT NULL
      ) WITH (fillfactor = 10);
      INSERT INTO placement (version, targets) VALUES (0, '{}')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE placement; ALTER TABLE node_lease DROP COLUMN draining');
  }
}

/** One row per name that a process of the group holds. */
class ClusterName1795222800000 implements MigrationInterface {
  readonly name = 'ClusterName1795222800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE cluster_name (
        key         text PRIMARY KEY,
        claim       text NOT NULL UNIQUE,
        version     bigint NOT NULL DEFAULT 0,
        incarnation text NOT NULL,
        queue       text NOT NULL,
        value       jsonb NOT NULL
      );
      CREATE INDEX cluster_name_incarnation ON cluster_name (incarnation)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE cluster_name');
  }
}

/** The migrations of the cluster tables, for an app's list of migrations. */
export const clusterMigrations: readonly MigrationClass[] = [
  NodeLease1700000000001, Placement1795219200000, ClusterName1795222800000,
];
