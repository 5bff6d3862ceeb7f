import type { Queries } from './database.ts';

/** Pricing strategies: their versions, the versions in force, and the audit. */
export class Strategies1700000000600 {
  readonly name = 'Strategies1700000000600';

  async up(runner: Queries): Promise<void> {
    // One row per tenant. It grows with every change, and each change locks it.
    await runner.query(`
      CREATE TABLE strategy_revision (
        tenant   text PRIMARY KEY,
        revision bigint NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE strategy (
        tenant   text NOT NULL,
        name     text NOT NULL,
        revision bigint NOT NULL,
        pointers json NOT NULL,
        PRIMARY KEY (tenant, name)
      )`);
    await runner.query(`
      CREATE TABLE strategy_version (
        tenant        text NOT NULL,
        name          text NOT NULL,
        version       text NOT NULL,
        place         bigint GENERATED ALWAYS AS IDENTITY,
        sha256        char(64) NOT NULL,
        source        text NOT NULL,
        code          text NOT NULL,
        meta          json NOT NULL,
        created_at_ms bigint NOT NULL,
        created_by    text NOT NULL,
        validated     boolean NOT NULL,
        retired       text,
        PRIMARY KEY (tenant, name, version),
        FOREIGN KEY (tenant, name) REFERENCES strategy (tenant, name)
      )`);
    await runner.query(`
      CREATE TABLE strategy_audit (
        tenant  text NOT NULL,
        name    text NOT NULL,
        id      text NOT NULL,
        place   bigint GENERATED ALWAYS AS IDENTITY,
        at_ms   bigint NOT NULL,
        by_whom text NOT NULL,
        action  text NOT NULL,
        version text,
        details json NOT NULL,
        PRIMARY KEY (tenant, name, place)
      )`);
    await runner.query('CREATE INDEX strategy_audit_id ON strategy_audit (tenant, name, id)');
  }

  async down(runner: Queries): Promise<void> {
    await runner.query('DROP TABLE strategy_audit, strategy_version, strategy, strategy_revision');
  }
}
