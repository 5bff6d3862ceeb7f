import { DatabaseFailure } from './database-failures.ts';

/** What a `postgres://role:password@host:port/database` URL says, decoded. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly role: string;
  readonly password: string;
}

/** Reads a database URL. Throws `DatabaseFailure.urlInvalid`, which never repeats the URL: it holds a password. */
export function databaseAddress(url: string): DatabaseAddress {
  try {
    const { protocol, hostname, port, pathname, username, password } = new URL(url);
    const database = decodeURIComponent(pathname.slice(1));
    const known = protocol === 'postgres:' || protocol === 'postgresql:';
    if (!known || !hostname || !database || !username) throw DatabaseFailure.urlInvalid();
    return {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 5432),
      database,
      role: decodeURIComponent(username),
      password: decodeURIComponent(password),
    };
  } catch {
    throw DatabaseFailure.urlInvalid();
  }
}

/** The same server and credentials, another database. */
export function withDatabase(url: string, database: string): string {
  databaseAddress(url);
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.toString();
}
