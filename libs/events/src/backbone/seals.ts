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
 * The mark by which a consumer distinguishes the entries of this system's relays from those of other writers to a
 * shared backbone. It is a hash of the entry, its position and a secret that only the database knows. An entry is valid
 * only at its own position.
 */
export class Seals {
  constructor(private readonly secret: string) {}

  /** Reads the secret, which the migration of `eventsSchema` created. */
  static async load(client: SqlClient): Promise<Seals> {
    const [row] = rowsOf<{ secret: string }>(await client.query(`SELECT secret FROM ${EVENTS_SCHEMA}.seal`));
    assert(row !== undefined, 'the events schema has a secret');
    return new Seals(row.secret);
  }

  of({ topic, partition }: TopicPartition, { position, body }: Pick<Entry, 'position' | 'body'>): string {
    // The secret is on both sides, so that nothing can be appended to a text with a known hash.
    return hash('sha256', [this.secret, topic, partition, position, body, this.secret].join('\n'), 'base64url');
  }

  /** True if a relay has published the entry at this position. */
  holds(place: TopicPartition, entry: Entry): boolean {
    return entry.seal !== undefined && !entry.isEscaped && entry.seal === this.of(place, entry);
  }
}
