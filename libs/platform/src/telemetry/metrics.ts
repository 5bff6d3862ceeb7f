import { Registry, collectDefaultMetrics } from 'prom-client';

export { Counter, Gauge, Histogram } from 'prom-client';
export type { Registry } from 'prom-client';

// Each sample wakes the process. At the default of 10 ms this is most of the work of an idle one.
const LAG_SAMPLE_MS = 100;

/** Creates a registry for the metrics of this process. It includes Node's own: event-loop lag, heap, handles. */
export function createMetrics(instance: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ instance });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_SAMPLE_MS });
  return registry;
}
