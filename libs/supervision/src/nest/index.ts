export { InjectRef } from './inject-ref.ts';
export { SupervisionModule } from './supervision.module.ts';
export type { ChildProvider, SupervisionModuleOptions, SupervisionTree } from './supervision.module.ts';
