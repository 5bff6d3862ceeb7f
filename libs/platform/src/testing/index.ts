export { redisLinks } from '../links.ts';
export { memoryContext } from './memory-context.ts';
export type { MemoryContext } from './memory-context.ts';
