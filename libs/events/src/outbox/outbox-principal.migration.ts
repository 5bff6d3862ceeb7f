import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the principal whose request caused an event; empty for the system's own events. */
export class OutboxPrincipal1796800000000 implements MigrationInterface {
  readonly name = 'OutboxPrincipal1796800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE outbox ADD COLUMN by text NOT NULL DEFAULT ''");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox DROP COLUMN by');
  }
}
