import type { Logger } from 'typeorm';

/** TypeORM prints failed migrations whatever its log level; here what fails is thrown, and logged where handled. */
export const silentLogger: Logger = {
  logQuery() {},
  logQueryError() {},
  logQuerySlow() {},
  logSchemaBuild() {},
  logMigration() {},
  log() {},
};
