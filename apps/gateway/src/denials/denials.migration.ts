import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens and users that are denied. Their changes share the revision of the keys, so one poll finds both. */
export class Denials1797200000000 implements MigrationInterface {
  readonly name = 'Denials1797200000000';

  async up(runner: QueryRunner): Promise<void> {
    // A denial that was deleted keeps its row, which tells the gateways so, and who did it.
    await runner.query(`
      CREATE TABLE denial (
        tenant        text NOT NULL,
        kind          text NOT NULL,
        id            text NOT NULL,
        created_at_ms bigint NOT NULL,
        created_by    text NOT NULL,
        expires_at_ms bigint,
        ended_at_ms   bigint,
        ended_by      text,
        revision      bigint NOT NULL,
        PRIMARY KEY (tenant, kind, id)
      )`);
    await runner.query('CREATE INDEX denial_revision ON denial (revision)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE denial');
  }
}
