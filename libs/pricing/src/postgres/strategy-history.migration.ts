import type { Queries } from './database.ts';

/**
 * Stores configured built-ins, keeps the history of the strategies in force, and moves the kind out of the metas. One
 * unreadable meta then no longer fails the whole query.
 */
export class StrategyHistory1700000000820 {
  readonly name = 'StrategyHistory1700000000820';

  async up(runner: Queries): Promise<void> {
    await runner.query(`ALTER TABLE strategy ADD COLUMN kind text NOT NULL DEFAULT 'line'`);
    await fillKinds(runner);
    await runner.query(`
      ALTER TABLE strategy_version
        ALTER COLUMN source DROP NOT NULL,
        ALTER COLUMN code DROP NOT NULL,
        ADD COLUMN use text,
        ADD COLUMN validated_revision bigint NOT NULL DEFAULT 0,
        ADD COLUMN retired_revision bigint NOT NULL DEFAULT 0,
        ADD CONSTRAINT strategy_version_bytes CHECK (use IS NOT NULL OR (source IS NOT NULL AND code IS NOT NULL))`);
    // Until now a strategy that was switched off could be rolled back.
    await runner.query(`
      UPDATE strategy SET pointers = '{"before":[]}'
      WHERE pointers::text !~ '"(active|shadow|canary)"\\s*:' AND pointers::text ~ '"before"'`);
    await runner.query(`
      CREATE TABLE strategy_history (
        tenant   text NOT NULL,
        name     text NOT NULL,
        revision bigint NOT NULL,
        pointers json NOT NULL,
        PRIMARY KEY (tenant, name, revision)
      )`);
    // Earlier states are unknown: the history begins with the present one.
    await runner.query('INSERT INTO strategy_history SELECT tenant, name, revision, pointers FROM strategy');
    await runner.query('ALTER TABLE strategy_revision ADD COLUMN history_since bigint NOT NULL DEFAULT 0');
    await runner.query('UPDATE strategy_revision SET history_since = revision');
    await runner.query(`
      DO $$ BEGIN
        EXECUTE format('REVOKE UPDATE, DELETE ON strategy_history, strategy_audit FROM %I', current_setting('aisle.app_role'));
      END $$`);
  }

  async down(runner: Queries): Promise<void> {
    await runner.query('DROP TABLE strategy_history');
    await runner.query('ALTER TABLE strategy_revision DROP COLUMN history_since');
    await runner.query('DELETE FROM strategy_version WHERE use IS NOT NULL');
    await runner.query(`
      ALTER TABLE strategy_version
        DROP CONSTRAINT strategy_version_bytes,
        DROP COLUMN use, DROP COLUMN validated_revision, DROP COLUMN retired_revision,
        ALTER COLUMN source SET NOT NULL, ALTER COLUMN code SET NOT NULL`);
    await runner.query('ALTER TABLE strategy DROP COLUMN kind');
  }
}

/**
 * Takes the kind of each strategy from its first version with a kind. Metas that cannot be decoded are searched as
 * text.
 */
async function fillKinds(runner: Queries): Promise<void> {
  await runner.query(`
    CREATE FUNCTION kind_in(meta json) RETURNS text LANGUAGE plpgsql AS $$
    BEGIN
      RETURN meta ->> 'kind';
    EXCEPTION WHEN OTHERS THEN
      -- A text that PostgreSQL cannot decode fails every access to the document.
      RETURN substring(meta::text FROM '"kind":"(line|basket)"');
    END $$`);
  await runner.query(`
    UPDATE strategy SET kind = known.kind
    FROM (
      SELECT DISTINCT ON (tenant, name) tenant, name, kind_in(meta) AS kind FROM strategy_version
      WHERE kind_in(meta) IN ('line', 'basket') ORDER BY tenant, name, place
    ) AS known
    WHERE strategy.tenant = known.tenant AND strategy.name = known.name`);
  await runner.query('DROP FUNCTION kind_in');
}
