import type { MigrationClass } from '@aisle/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The events whose effects are in this schema. */
class Inbox1795305600200 implements MigrationInterface {
  readonly name = 'Inbox1795305600200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE inbox (
        consumer text NOT NULL,
        id       text NOT NULL,
        at       timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, id)
      );
      -- Rows come in the order of time, so a block's range finds what is old at next to no cost.
      CREATE INDEX inbox_at ON inbox USING brin (at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE inbox');
  }
}

/** The migrations of a consumer's inbox, to be listed among the app's own. They work in any schema. */
export const inboxMigrations: readonly MigrationClass[] = [Inbox1795305600200];
