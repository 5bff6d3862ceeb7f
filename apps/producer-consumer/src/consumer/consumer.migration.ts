import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Named consumers and their messages. */
export class Consumers1795300000000 implements MigrationInterface {
  readonly name = 'Consumers1795300000000';

  async up(runner: QueryRunner): Promise<void> {
    // The epoch grows with each process that takes the consumer up. A process with an older one can no longer write.
    await runner.query(`
      CREATE TABLE consumer (
        id            uuid PRIMARY KEY,
        tenant        text NOT NULL,
        name          text NOT NULL,
        epoch         bigint NOT NULL DEFAULT 0,
        command_id    text NOT NULL,
        started_at_ms bigint NOT NULL,
        UNIQUE (tenant, name)
      )`);
    await runner.query(`
      CREATE TABLE consumer_message (
        consumer uuid NOT NULL REFERENCES consumer ON DELETE CASCADE,
        seq      bigint NOT NULL,
        id       text NOT NULL,
        body     text NOT NULL,
        at_ms    bigint NOT NULL,
        PRIMARY KEY (consumer, seq),
        UNIQUE (consumer, id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE consumer_message, consumer');
  }
}
