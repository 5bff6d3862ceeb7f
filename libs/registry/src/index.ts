export { AlreadyRegistered, NameTaken, RegistryFailure } from './failures.ts';
export { ClusterRegistry } from './group/cluster-registry.ts';
export type { ClusterRegistryEvent, ClusterRegistryOptions } from './group/cluster-registry.ts';
export type { NameClaim, NameHolder, NameRow, NameStorage } from './group/name-storage.ts';
export { Registry } from './registry.ts';
export type { RegistryEntry, RegistryEvent, RegistryOptions } from './registry.ts';
export { via } from './via.ts';
