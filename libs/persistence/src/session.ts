import type { ClientConfig } from 'pg';
import { assert } from '@aisle/std';
import { databaseAddress } from './database-url.ts';

/** How one connection behaves from its first statement on. All times in milliseconds. */
export interface SessionOptions {
  readonly url: string;
  /** The schema that unqualified names mean; lower-case letters, digits and `_`. */
  readonly schema: string;
  /** Shown in `pg_stat_activity`; a clustered node passes its incarnation. */
  readonly applicationName: string;
  /** Longest statement; 10,000 unless told. */
  readonly statementTimeoutMs?: number | undefined;
  /** Longest wait for a lock; 3,000 unless told. */
  readonly lockTimeoutMs?: number | undefined;
  /** Longest wait for a connection; 5,000 unless told. */
  readonly connectTimeoutMs?: number | undefined;
}

// The client gives up this much after the server should have: only a dead network gets there.
const NETWORK_GRACE_MS = 2_000;

// Every statement of an app finds its rows by a key, many of them at once. The planner knows nothing of a table that
// is minutes old and takes it for small: it would read and hash all of it for thirteen keys, at every statement.
const BY_INDEX = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' };

/** What `pg` needs for such a connection. Settings travel in the start-up packet: no extra round trip. */
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

/** Server settings as start-up options: `-c name=value`, blanks and backslashes escaped. */
export function startupSettings(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}

/** The name again, if it needs no quoting anywhere. */
export function checkedSchema(schema: string): string {
  assert(/^[a-z_][a-z0-9_]{0,62}$/.test(schema), `schema name of [a-z0-9_]: ${schema}`);
  return schema;
}
