export { startSystem } from './system.ts';
export type { AppName, AppProcess, TestSystem } from './system.ts';
