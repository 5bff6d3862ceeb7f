export { BaseConfig, portFromEnvironment } from './config.ts';
export { Health } from './health.ts';
export { createHttpApp } from './http/http-app.ts';
export { nestLogger } from './nest-logger.ts';
export { runApp, runTask } from './run-app.ts';
export type { AppContext, RunningApp } from './run-app.ts';
