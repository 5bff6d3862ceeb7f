import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row a running process of the group: its beat moves while it lives. */
export class NodeLease1700000000001 implements MigrationInterface {
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
