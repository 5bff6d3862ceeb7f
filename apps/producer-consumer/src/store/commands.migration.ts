import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Commands that have stopped a consumer or created a pipeline, so that a repetition gets the same answer. */
export class Commands1795500000000 implements MigrationInterface {
  readonly name = 'Commands1795500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE consumer_stop (
        tenant     text NOT NULL,
        command_id text NOT NULL,
        at_ms      bigint NOT NULL,
        PRIMARY KEY (tenant, command_id)
      );
      CREATE INDEX consumer_stop_at ON consumer_stop (at_ms);
      ALTER TABLE pipeline ADD COLUMN command_id text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE pipeline DROP COLUMN command_id; DROP TABLE consumer_stop');
  }
}
