export { crash, crashOn } from './crash.ts';
export { Probe } from './probe.ts';
export { VirtualSystem } from './virtual-system.ts';
