export { crash, crashOn } from './crash.ts';
export { Probe } from './probe.ts';
export { TestSystem } from './test-system.ts';
