import { DatabaseFailure } from './database-failures.ts';

/** The decoded parts of a URL `postgres://role:password@host:port/database`. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly role: string;
  readonly password: string;
}

/** Parses a database URL; the default port is 5432. Throws `DatabaseFailure.urlInvalid`, which never repeats the URL and its password. */
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

/** The URL of another database with the same server, credentials and options. Throws `DatabaseFailure.urlInvalid`. */
export function withDatabase(url: string, database: string): string {
  databaseAddress(url);
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.toString();
}
