export { createDataSource, createPool } from './data-source.ts';
export type { DataSourceOptions, PoolOptions } from './data-source.ts';
export { AppRolePrivileged, DatabaseUnavailable, DatabaseUrlInvalid } from './database-failures.ts';
export { appRole, migrate } from './migrate.ts';
export type { MigrateOptions, MigrationClass } from './migrate.ts';
export { maintenanceRole, prepareDatabase } from './prepare-database.ts';
export type { DatabaseUrls } from './prepare-database.ts';
export type { SessionOptions } from './session.ts';
export { namingDatabase, unavailableReason } from './unavailable.ts';
