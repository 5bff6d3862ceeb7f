export { eventually } from './eventually.ts';
export { seededRandom } from './seeded-random.ts';
export { VirtualRuntime } from './virtual-runtime.ts';
