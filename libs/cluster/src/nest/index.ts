export { CLUSTER_POOL, ClusterModule } from './cluster.module.ts';
export type { ClusterModuleOptions } from './cluster.module.ts';
