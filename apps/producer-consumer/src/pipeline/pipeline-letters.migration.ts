import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Dead letters of pipelines. They are kept until they are redriven successfully or discarded. */
export class PipelineLetters1795600000000 implements MigrationInterface {
  readonly name = 'PipelineLetters1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pipeline_letter (
        id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tenant      text NOT NULL,
        pipeline    text NOT NULL,
        event       bigint NOT NULL,
        attempts    int NOT NULL,
        died_at     timestamptz NOT NULL DEFAULT now(),
        -- Set by a redrive, until the event is dealt with.
        redriven_at timestamptz
      );
      CREATE INDEX pipeline_letter_pipeline ON pipeline_letter (tenant, pipeline, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pipeline_letter');
  }
}
