import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Markets and their products: this app's own projection. */
export class Catalogue1700000000100 implements MigrationInterface {
  readonly name = 'Catalogue1700000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE market (
        tenant   text NOT NULL,
        id       text NOT NULL,
        currency char(3) NOT NULL,
        PRIMARY KEY (tenant, id)
      )`);
    await runner.query(`
      CREATE TABLE product (
        tenant      text NOT NULL,
        market      text NOT NULL,
        sku         text NOT NULL,
        name        text NOT NULL,
        category    text,
        price_minor bigint NOT NULL CHECK (price_minor >= 0),
        revision    bigint NOT NULL DEFAULT 1,
        PRIMARY KEY (tenant, market, sku),
        FOREIGN KEY (tenant, market) REFERENCES market (tenant, id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE product, market');
  }
}
