import { appRole, maintenanceRole } from '@aisle/persistence';
import type { MigrationClass } from '@aisle/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { claimFunction, commitFunction, pruneFunction, releaseFunction } from './journal-functions.ts';

/**
 * The journal's tables and functions, in the schema of the migrations. The app's role reads them, adds snapshots and
 * moves checkpoints. It changes leases and rows only through the four functions, which run as the maintenance role. So
 * the database itself enforces the fence.
 */
class CreateJournal1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const rows = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as [{ schema: string }];
    const { schema } = rows[0];
    await runner.query(TABLES);
    for (const create of [commitFunction, claimFunction, releaseFunction, pruneFunction]) {
      await runner.query(create(schema));
    }
    await runner.query(grants(schema, await appRole(runner)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION journal_commit, journal_claim, journal_release, journal_prune;
      DROP TABLE consumer_checkpoint, snapshot, journal, shard_lease;
      DROP SEQUENCE journal_pos`);
  }
}

/** The journal's migrations, to be listed among an app's own. */
export const journalMigrations: readonly MigrationClass[] = [CreateJournal1767225600000];

const TABLES = `
  -- Half-filled pages: a claim writes the new version of a row beside the old one.
  CREATE TABLE shard_lease (
    shard int PRIMARY KEY,
    epoch int NOT NULL,
    owner text,
    claim_token text
  ) WITH (fillfactor = 50);

  CREATE SEQUENCE journal_pos;

  -- Columns stand in the order that leaves no padding.
  CREATE TABLE journal (
    pos bigint NOT NULL DEFAULT nextval('journal_pos'),
    seq bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT statement_timestamp(),
    shard int NOT NULL,
    epoch int NOT NULL,
    actor_key uuid NOT NULL,
    actor text NOT NULL,
    command_id bytea NOT NULL,
    payload_hash bytea NOT NULL,
    events bytea NOT NULL,
    outcome bytea NOT NULL,
    CONSTRAINT journal_seq PRIMARY KEY (shard, actor_key, seq),
    CONSTRAINT journal_command UNIQUE (shard, actor_key, command_id),
    CONSTRAINT journal_pos_unique UNIQUE (shard, pos)
  );

  CREATE TABLE snapshot (
    shard int NOT NULL,
    actor_key uuid NOT NULL,
    seq bigint NOT NULL,
    schema_version int NOT NULL,
    actor text NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (shard, actor_key, seq)
  );

  CREATE TABLE consumer_checkpoint (
    consumer text NOT NULL,
    shard int NOT NULL,
    pos bigint NOT NULL,
    PRIMARY KEY (consumer, shard)
  )`;

// A function can change its owner only while the new owner may create in the schema.
function grants(schema: string, app: string): string {
  const functions = `journal_commit, journal_claim, journal_release, journal_prune`;
  return `
    REVOKE INSERT, UPDATE, DELETE ON journal, shard_lease FROM ${app};
    REVOKE UPDATE, DELETE ON snapshot FROM ${app};
    REVOKE USAGE ON SEQUENCE journal_pos FROM ${app};
    GRANT EXECUTE ON FUNCTION ${functions} TO ${app};
    GRANT SELECT, INSERT, DELETE ON journal TO ${maintenanceRole};
    GRANT SELECT, INSERT, UPDATE ON shard_lease TO ${maintenanceRole};
    GRANT SELECT, DELETE ON snapshot TO ${maintenanceRole};
    GRANT SELECT ON consumer_checkpoint TO ${maintenanceRole};
    GRANT USAGE ON SEQUENCE journal_pos TO ${maintenanceRole};
    GRANT CREATE ON SCHEMA ${schema} TO ${maintenanceRole};
    ALTER FUNCTION journal_commit OWNER TO ${maintenanceRole};
    ALTER FUNCTION journal_claim OWNER TO ${maintenanceRole};
    ALTER FUNCTION journal_release OWNER TO ${maintenanceRole};
    ALTER FUNCTION journal_prune OWNER TO ${maintenanceRole};
    REVOKE CREATE ON SCHEMA ${schema} FROM ${maintenanceRole}`;
}
