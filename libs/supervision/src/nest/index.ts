export { InjectRef } from './inject-ref.ts';
export type { ChildProvider } from './inject-ref.ts';
export { SupervisionModule } from './supervision.module.ts';
export type { SupervisionModuleOptions, SupervisionTree } from './supervision.module.ts';
