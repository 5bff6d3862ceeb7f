export { createBrokerApp } from './broker-app.ts';
export { BaseConfig, portFromEnvironment } from './config.ts';
export { createHttpApp } from './http/http-app.ts';
export { runApp, runTask } from './run-app.ts';
export type { AppContext, RunningApp } from './run-app.ts';
