export { createBrokerApp } from './broker-app.ts';
export { BaseConfig, LeaseConfig, portFromEnvironment } from './config.ts';
export type { Health, Phase, Readiness, ReadinessCheck } from './health.ts';
export { createHttpApp } from './http/http-app.ts';
export { migrateSchemas } from './migrate-schemas.ts';
export type { AppSchema, SeedSize } from './migrate-schemas.ts';
export { runApp, runTask } from './run-app.ts';
export type { AppContext, AppDefinition, RunningApp } from './run-app.ts';
