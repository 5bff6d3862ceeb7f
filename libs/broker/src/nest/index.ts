export { BrokerClient } from './broker-client.ts';
export type { BrokerClientOptions } from './broker-client.ts';
export { BrokerContext } from './broker-context.ts';
export { BrokerExceptionFilter } from './broker-exception.filter.ts';
export { BrokerServer } from './broker-server.ts';
export type { BrokerServerOptions, Entry, Route } from './broker-server.ts';
export { Handles } from './handles.ts';
export { ProtocolEntry } from './protocol-entry.ts';
export type { ProtocolEntryOptions, Refused } from './protocol-entry.ts';
