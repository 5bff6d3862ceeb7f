import type { MigrationInterface, QueryRunner } from 'typeorm';

/** API keys, and the revision of their last change. */
export class Keys1797000000000 implements MigrationInterface {
  readonly name = 'Keys1797000000000';

  async up(runner: QueryRunner): Promise<void> {
    // The only row. Each change of a key locks it, so changes commit in the order of their revisions, and a reader misses none.
    await runner.query(`
      CREATE TABLE key_revision (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        revision bigint NOT NULL
      )`);
    await runner.query('INSERT INTO key_revision (revision) VALUES (0)');
    // A revoked key keeps its row, which records who has revoked it.
    await runner.query(`
      CREATE TABLE api_key (
        id            text PRIMARY KEY,
        tenant        text NOT NULL,
        name          text NOT NULL,
        digest        bytea NOT NULL,
        scopes        text[] NOT NULL,
        markets       text[],
        created_at_ms bigint NOT NULL,
        created_by    text NOT NULL,
        expires_at_ms bigint,
        used_at_ms    bigint,
        revoked_at_ms bigint,
        revoked_by    text,
        revision      bigint NOT NULL
      )`);
    await runner.query('CREATE INDEX api_key_revision ON api_key (revision)');
    await runner.query('CREATE INDEX api_key_tenant ON api_key (tenant, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE api_key, key_revision');
  }
}

/** The limit of requests of a key. */
export class KeyRates1797100000000 implements MigrationInterface {
  readonly name = 'KeyRates1797100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE api_key ADD COLUMN rate_per_second integer');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE api_key DROP COLUMN rate_per_second');
  }
}
