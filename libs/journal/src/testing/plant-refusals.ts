import type { TestDatabase } from '@aisle/persistence/testing';
import { Client } from 'pg';

/**
 * A trigger on a test's own journal that refuses rows by their events, like an app's trigger that writes further rows.
 * `unstorable` breaks a constraint, and `raise <SQLSTATE> <table>` raises that error.
 */
export async function plantRefusals({ adminUrl, appUrl }: TestDatabase, schema: string): Promise<void> {
  const url = new URL(adminUrl);
  url.pathname = new URL(appUrl).pathname;
  const owner = new Client({ connectionString: url.toString() });
  await owner.connect();
  await owner.query(`
    CREATE FUNCTION ${schema}.refuse_planted() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      planted text[];
    BEGIN
      SELECT string_to_array(convert_from(events, 'UTF8'), ' ') INTO planted FROM inserted
      WHERE events = 'unstorable' OR substr(events, 1, 6) = 'raise ' LIMIT 1;
      IF planted[1] = 'unstorable' THEN planted := ARRAY['raise', '23514', 'journal']; END IF;
      IF planted[3] <> '' THEN
        RAISE EXCEPTION USING ERRCODE = planted[2], TABLE = planted[3], CONSTRAINT = 'planted', MESSAGE = 'planted';
      ELSIF planted IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = planted[2], MESSAGE = 'planted';
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER refuse_planted AFTER INSERT ON ${schema}.journal REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_planted()`);
  await owner.end();
}
