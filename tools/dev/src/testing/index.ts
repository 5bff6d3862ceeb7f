export { freePort } from './free-port.ts';
export { startOwnServer } from './own-server.ts';
export type { OwnServer } from './own-server.ts';
export { APP_NAMES } from '../app-list.ts';
export type { AppName } from '../app-list.ts';
export { startSystem } from './system.ts';
export type { AppPorts, AppProcess, SystemOptions, TestSystem } from './system.ts';
export { TcpProxy } from './tcp-proxy.ts';
export type { Direction } from './tcp-proxy.ts';
