import type { Logger } from 'typeorm';

/**
 * A TypeORM logger that prints nothing. TypeORM prints failed migrations at any log level, but they are thrown and logged by
 * their handler.
 */
export const silentLogger: Logger = {
  logQuery() {},
  logQueryError() {},
  logQuerySlow() {},
  logSchemaBuild() {},
  logMigration() {},
  log() {},
};
