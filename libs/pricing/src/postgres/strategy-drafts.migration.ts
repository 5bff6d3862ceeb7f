import type { Queries } from './database.ts';

/**
 * Deletes a version that was never in force. The apps themselves may not delete versions: the function checks the audit
 * and the history, which they cannot rewrite.
 */
export class StrategyDrafts1796500000100 {
  readonly name = 'StrategyDrafts1796500000100';

  async up(runner: Queries): Promise<void> {
    await runner.query(`
      CREATE FUNCTION strategy_remove_version(p_tenant text, p_name text, p_version text) RETURNS text
      LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
      DECLARE
        -- As it stands in the JSON of pointers, whose keys are no versions.
        quoted text := to_json(p_version)::text;
        key text := quoted || ':';
      BEGIN
        -- Other changes of this tenant's strategies wait here.
        PERFORM 1 FROM strategy_revision WHERE tenant = p_tenant FOR UPDATE;
        IF EXISTS (
          SELECT FROM strategy_audit WHERE tenant = p_tenant AND name = p_name AND version = p_version
            AND action NOT IN ('added', 'validated', 'refused', 'deleted')
        ) OR EXISTS (
          SELECT FROM strategy_history WHERE tenant = p_tenant AND name = p_name AND strpos(replace(pointers::text, key, ''), quoted) > 0
        ) OR EXISTS (
          SELECT FROM strategy WHERE tenant = p_tenant AND name = p_name AND strpos(replace(pointers::text, key, ''), quoted) > 0
        ) THEN
          RETURN 'used';
        END IF;
        DELETE FROM strategy_version WHERE tenant = p_tenant AND name = p_name AND version = p_version;
        IF NOT FOUND THEN
          RETURN 'missing';
        END IF;
        DELETE FROM strategy WHERE tenant = p_tenant AND name = p_name
          AND NOT EXISTS (SELECT FROM strategy_version WHERE tenant = p_tenant AND name = p_name);
        RETURN CASE WHEN FOUND THEN 'strategy' ELSE 'version' END;
      END $$`);
    await runner.query('REVOKE EXECUTE ON FUNCTION strategy_remove_version FROM PUBLIC');
    await runner.query(`
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION strategy_remove_version TO %I', current_setting('aisle.app_role'));
      END $$`);
  }

  async down(runner: Queries): Promise<void> {
    await runner.query('DROP FUNCTION strategy_remove_version');
  }
}
