import { Failure } from '@aisle/std';

/** The URL is not `postgres://role:password@host:port/database`; what it said is not repeated. */
export class DatabaseUrlInvalid extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'database.url_invalid';
  constructor() {
    super('the database URL is not of the form postgres://role:password@host:port/database');
  }
}

/** The server cannot be reached, refuses us or is going down. Names where, never the password. */
export class DatabaseUnavailable extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'database.unavailable';
  constructor(where: { host: string; port: number; database: string }, reason: string) {
    const { host, port, database } = where;
    super(`PostgreSQL at ${host}:${port} is unavailable`, { host, port, database, reason });
  }
}

/** Something is missing in a schema that another app makes: that app's migrations have to run first. */
export class SchemaNotMigrated extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'database.schema_not_migrated';
  constructor(schema: string, reason: string) {
    super('another app has to migrate this schema first', { schema, reason });
  }
}

/** The role of the app's URL must be an ordinary one: neither the administrator nor the owner. */
export class AppRolePrivileged extends Failure {
  readonly kind = 'invalid';
  readonly code = 'database.app_role_privileged';
  constructor(role: string) {
    super('the app needs a role of its own that owns nothing', { role });
  }
}
