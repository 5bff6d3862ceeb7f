import { appRole, type MigrationClass } from '@aisle/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Positions, leases and dead letters of the consumers: shared by all apps, owned by none. */
class EventBookkeeping1795305600000 implements MigrationInterface {
  readonly name = 'EventBookkeeping1795305600000';

  async up(runner: QueryRunner): Promise<void> {
    // Checkpoints and beats are rewritten all the time. Free space on the page keeps the updates off the indexes.
    await runner.query(`
      CREATE TABLE checkpoint (
        consumer     text NOT NULL,
        topic        text NOT NULL,
        partition    int NOT NULL,
        -- All up to here is dealt with; 0 when nothing ever was.
        position     bigint NOT NULL DEFAULT 0,
        -- Where the backbone has it, for a backbone that can't find a position by itself.
        resume_at    text,
        -- Events are missing in the backbone: the relay shall publish them again.
        wants_rewind boolean NOT NULL DEFAULT false,
        owner        text,
        leased_until timestamptz NOT NULL DEFAULT '-infinity',
        PRIMARY KEY (consumer, topic, partition)
      ) WITH (fillfactor = 20);

      CREATE TABLE consumer_member (
        consumer    text NOT NULL,
        member      text NOT NULL,
        alive_until timestamptz NOT NULL,
        PRIMARY KEY (consumer, member)
      ) WITH (fillfactor = 20);

      CREATE TABLE dead_letter (
        id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        consumer  text NOT NULL,
        topic     text NOT NULL,
        partition int NOT NULL,
        position  bigint NOT NULL,
        event_id  text,
        type      text,
        key       text,
        -- As it came: what is no JSON ends here as well.
        body      text NOT NULL,
        code      text NOT NULL,
        error     text NOT NULL,
        attempts  int NOT NULL,
        died_at   timestamptz NOT NULL DEFAULT now(),
        -- Set by a redrive, until its outcome is known.
        redriven_at timestamptz,
        UNIQUE (consumer, topic, partition, position)
      );
      CREATE INDEX dead_letter_redriven ON dead_letter (consumer) WHERE redriven_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dead_letter, consumer_member, checkpoint');
  }
}

/** The secret of the relays, and dead letters that are not text or that no relay has published. */
class EventSeals1796400000000 implements MigrationInterface {
  readonly name = 'EventSeals1796400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE seal (
        one    boolean PRIMARY KEY DEFAULT true CHECK (one),
        secret text NOT NULL
      );
      INSERT INTO seal (secret) VALUES (gen_random_uuid()::text || gen_random_uuid()::text);
      REVOKE INSERT, UPDATE, DELETE ON seal FROM ${await appRole(runner)};
      ALTER TABLE dead_letter
        ADD COLUMN escaped boolean NOT NULL DEFAULT false,
        -- A hash of the body of a stray entry. It stands where an event belongs, which may die as well, or another stray come.
        ADD COLUMN stray text NOT NULL DEFAULT '',
        DROP CONSTRAINT dead_letter_consumer_topic_partition_position_key,
        ADD UNIQUE (consumer, topic, partition, position, stray)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM dead_letter WHERE stray <> '';
      ALTER TABLE dead_letter DROP COLUMN escaped, DROP COLUMN stray,
        ADD CONSTRAINT dead_letter_consumer_topic_partition_position_key UNIQUE (consumer, topic, partition, position);
      DROP TABLE seal`);
  }
}

/**
 * Functions by which an outside program follows a topic with a plain poll. Events are kept for it, and it moves no
 * position but its own.
 */
class OutsideReaders1796500000200 implements MigrationInterface {
  readonly name = 'OutsideReaders1796500000200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- It begins with the oldest event that is kept for anybody. Returns how far it is in each partition.
      CREATE FUNCTION follow(p_topic text, p_partitions int DEFAULT 4)
      RETURNS TABLE (partition int, passed bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
      #variable_conflict use_column
      BEGIN
        INSERT INTO checkpoint (consumer, topic, partition, position)
        SELECT 'outside:' || session_user, p_topic, nth,
          coalesce((SELECT min(known.position) FROM checkpoint AS known WHERE known.topic = p_topic AND known.partition = nth), 0)
        FROM generate_series(0, p_partitions - 1) AS nth
        ON CONFLICT DO NOTHING;
        RETURN QUERY SELECT partition, position FROM checkpoint
          WHERE consumer = 'outside:' || session_user AND topic = p_topic ORDER BY partition;
      END $$;

      -- The events up to this position need not be kept for it any more. Never goes back.
      CREATE FUNCTION passed(p_topic text, p_partition int, p_position bigint)
      RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
        UPDATE checkpoint SET position = p_position
        WHERE consumer = 'outside:' || session_user AND topic = p_topic AND partition = p_partition AND position < p_position
      $$;

      REVOKE EXECUTE ON FUNCTION follow, passed FROM PUBLIC`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION follow, passed');
  }
}

/** A process's lease covers all its partitions. It needs no WAL: after a crash of PostgreSQL each process renews it soon. */
class MemberLeases1796900000000 implements MigrationInterface {
  readonly name = 'MemberLeases1796900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE consumer_member SET UNLOGGED; ALTER TABLE checkpoint DROP COLUMN leased_until');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE checkpoint ADD COLUMN leased_until timestamptz NOT NULL DEFAULT '-infinity';
      ALTER TABLE consumer_member SET LOGGED`);
  }
}

/** The schema of the tables that the apps share. */
export const EVENTS_SCHEMA = 'events';

/** The shared tables of all apps that write or read events. Migrate it wherever such an app's own schema is. */
export const eventsSchema = {
  schema: EVENTS_SCHEMA,
  migrations: [
    EventBookkeeping1795305600000, EventSeals1796400000000, OutsideReaders1796500000200, MemberLeases1796900000000,
  ] as readonly MigrationClass[],
};
