import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pipelines with their settings, and whether they are started. */
export class Pipelines1795400000000 implements MigrationInterface {
  readonly name = 'Pipelines1795400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pipeline (
        tenant   text NOT NULL,
        name     text NOT NULL,
        settings json NOT NULL,
        running  boolean NOT NULL DEFAULT false,
        PRIMARY KEY (tenant, name)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pipeline');
  }
}
