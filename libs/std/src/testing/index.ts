export { eventually } from './eventually.ts';
export { VirtualRuntime } from './virtual-runtime.ts';
