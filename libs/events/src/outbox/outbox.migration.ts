import type { MigrationClass } from '@aisle/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OutboxPrincipal1796800000000 } from './outbox-principal.migration.ts';

/** The events that transactions publish to the other apps, and the log of published events, in order. */
class Outbox1795305600100 implements MigrationInterface {
  readonly name = 'Outbox1795305600100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Plain columns, so that a trigger can insert as well. A row lives for milliseconds.
      CREATE TABLE outbox (
        seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        topic       text NOT NULL,
        key         text NOT NULL,
        type        text NOT NULL,
        tenant      text NOT NULL DEFAULT 'default',
        id          text NOT NULL DEFAULT gen_random_uuid()::text,
        at          timestamptz NOT NULL DEFAULT clock_timestamp(),
        traceparent text NOT NULL DEFAULT '',
        data        json NOT NULL
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

      -- In the order of publication, until every consumer has passed it.
      CREATE TABLE outbox_log (
        topic     text NOT NULL,
        partition int NOT NULL,
        position  bigint NOT NULL,
        key       text NOT NULL,
        event     json NOT NULL,
        PRIMARY KEY (topic, partition, position)
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000);

      -- The relay's state: positions given, published, and pruned from the log.
      CREATE TABLE outbox_partition (
        topic     text NOT NULL,
        partition int NOT NULL,
        position  bigint NOT NULL DEFAULT 0,
        published bigint NOT NULL DEFAULT 0,
        pruned    bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (topic, partition)
      ) WITH (fillfactor = 20)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox_partition, outbox_log, outbox');
  }
}

/** The migrations of a producer's outbox, to be listed among the app's own. They work in any schema. */
export const outboxMigrations: readonly MigrationClass[] = [Outbox1795305600100, OutboxPrincipal1796800000000];
