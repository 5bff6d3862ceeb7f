import type { ClientConfig } from 'pg';
import { assert } from '@aisle/std';
import { databaseAddress } from './database-url.ts';

/** The settings of a connection. All times are in milliseconds. */
export interface SessionOptions {
  readonly url: string;
  /** The schema of unqualified names; lower-case letters, digits and `_`. */
  readonly schema: string;
  /** The name in `pg_stat_activity`; a clustered node passes its incarnation. */
  readonly applicationName: string;
  /** The longest time of a statement; 10,000 unless given. */
  readonly statementTimeoutMs?: number | undefined;
  /** The longest wait for a lock; 3,000 unless given. */
  readonly lockTimeoutMs?: number | undefined;
  /** The longest wait for a connection; 5,000 unless given. */
  readonly connectTimeoutMs?: number | undefined;
}

// The client gives up this long after the server should have. It only happens when the network is dead.
const NETWORK_GRACE_MS = 2_000;

// Every statement of an app finds its rows by key, often many at once. The planner has no statistics of a table that is minutes old
// and assumes that it is small. Without these settings it would read and hash the whole table for thirteen keys, at every statement.
const BY_INDEX = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' };

/** The configuration of `pg` for such a connection. Settings go with the start-up packet, without an extra round trip. */
export function sessionConfig(options: SessionOptions): ClientConfig {
  databaseAddress(options.url);
  const statementTimeoutMs = options.statementTimeoutMs ?? 10_000;
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    options: startupSettings({ search_path: checkedSchema(options.schema), ...BY_INDEX }),
    statement_timeout: statementTimeoutMs,
    lock_timeout: options.lockTimeoutMs ?? 3_000,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + NETWORK_GRACE_MS,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
  };
}

/** Server settings as start-up options `-c name=value`, with blanks and backslashes escaped. */
export function startupSettings(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}

/** Returns the name of a schema, and asserts that it needs no quoting. */
export function checkedSchema(schema: string): string {
  assert(/^[a-z_][a-z0-9_]{0,62}$/.test(schema), `schema name of [a-z0-9_]: ${schema}`);
  return schema;
}
