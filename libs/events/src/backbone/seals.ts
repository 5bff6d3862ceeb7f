import { hash } from 'node:crypto';
import { assert } from '@aisle/std';
import { EVENTS_SCHEMA } from '../events.migration.ts';
import type { SqlClient } from '../sql-client.ts';
import { rowsOf } from '../sql-client.ts';
import type { Entry } from './backbone.ts';

interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * The mark by which a consumer tells what a relay of this system has published from what somebody else wrote to a shared
 * backbone: a hash of the entry, its place and a secret that only the database knows. An entry counts at its own place
 * alone.
 */
export class Seals {
  constructor(private readonly secret: string) {}

  /** Reads the secret, which the migration of `eventsSchema` has made. */
  static async load(client: SqlClient): Promise<Seals> {
    const [row] = rowsOf<{ secret: string }>(await client.query(`SELECT secret FROM ${EVENTS_SCHEMA}.seal`));
    assert(row !== undefined, 'the events schema has a secret');
    return new Seals(row.secret);
  }

  of({ topic, partition }: TopicPartition, { position, body }: Pick<Entry, 'position' | 'body'>): string {
    // The secret on both sides: nothing can be appended to a text whose hash is known.
    return hash('sha256', [this.secret, topic, partition, position, body, this.secret].join('\n'), 'base64url');
  }

  /** Whether a relay has published the entry there. */
  holds(place: TopicPartition, entry: Entry): boolean {
    return entry.seal !== undefined && !entry.isEscaped && entry.seal === this.of(place, entry);
  }
}
