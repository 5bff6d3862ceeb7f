export { AlreadyRegistered, Registry } from './registry.ts';
export type { RegistryEntry, RegistryEvent, RegistryOptions } from './registry.ts';
export { via } from './via.ts';
