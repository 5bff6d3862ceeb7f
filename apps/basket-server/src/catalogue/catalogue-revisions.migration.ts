import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Columns that a projection needs: the revision of the event behind a row, and the order in which rows were written. */
export class CatalogueRevisions1700000000700 implements MigrationInterface {
  readonly name = 'CatalogueRevisions1700000000700';

  async up(runner: QueryRunner): Promise<void> {
    // One row, locked by each writer of the catalogue until its commit, so that revisions commit in order.
    await runner.query(`
      CREATE TABLE catalogue_revision (
        one      boolean PRIMARY KEY DEFAULT true CHECK (one),
        revision bigint NOT NULL
      )`);
    await runner.query('INSERT INTO catalogue_revision (revision) SELECT coalesce(max(revision), 1) FROM product');
    await runner.query(`
      ALTER TABLE market
        ADD COLUMN revision bigint NOT NULL DEFAULT 1,
        ADD COLUMN source_revision bigint NOT NULL DEFAULT 0`);
    await runner.query(`
      ALTER TABLE product
        ADD COLUMN source_revision bigint NOT NULL DEFAULT 0,
        ADD COLUMN deleted boolean NOT NULL DEFAULT false`);
    await runner.query('CREATE INDEX market_revision ON market (revision)');
    await runner.query('CREATE INDEX product_revision ON product (revision)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE product DROP COLUMN source_revision, DROP COLUMN deleted');
    await runner.query('ALTER TABLE market DROP COLUMN revision, DROP COLUMN source_revision');
    await runner.query('DROP INDEX product_revision');
    await runner.query('DROP TABLE catalogue_revision');
  }
}
