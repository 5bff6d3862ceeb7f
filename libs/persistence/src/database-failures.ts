import { failures } from '@aisle/std';

interface Where {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/** Failures of the database. */
export const DatabaseFailure = failures('database', {
  /** The URL is not repeated: it may hold a password. */
  urlInvalid: ['unavailable', 'the database URL is not of the form postgres://role:password@host:port/database'],
  /** The server cannot be reached, refuses us or is going down. The details never hold the password. */
  unavailable: [
    'unavailable', ({ host, port }: Where) => `PostgreSQL at ${host}:${port} is unavailable`,
    ({ host, port, database }: Where, reason: string) => ({ host, port, database, reason }),
  ],
  /** A schema of another app lacks something: the migrations of that app have to run first. */
  schemaNotMigrated: [
    'unavailable', 'another app has to migrate this schema first',
    (schema: string, reason: string) => ({ schema, reason }),
  ],
  /** The role of the app's URL must be an ordinary one: neither the administrator nor the owner. */
  appRolePrivileged: ['invalid', 'the app needs a role of its own that owns nothing', (role: string) => ({ role })],
});
