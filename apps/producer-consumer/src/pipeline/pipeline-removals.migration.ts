import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Commands that have deleted a pipeline, so that a repetition gets the same answer. */
export class PipelineRemovals1796500000000 implements MigrationInterface {
  readonly name = 'PipelineRemovals1796500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pipeline_removal (
        tenant     text NOT NULL,
        command_id text NOT NULL,
        at_ms      bigint NOT NULL,
        PRIMARY KEY (tenant, command_id)
      );
      CREATE INDEX pipeline_removal_at ON pipeline_removal (at_ms)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pipeline_removal');
  }
}
