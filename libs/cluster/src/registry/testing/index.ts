export { MemoryNames } from './memory-names.ts';
