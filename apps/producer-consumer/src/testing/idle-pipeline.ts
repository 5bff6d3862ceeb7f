import { PipelineSettings, type Pipeline } from '@aisle/contracts';

/** A pipeline with the default settings and without any metrics yet. */
export const IDLE_PIPELINE: Pipeline = {
  name: 'default', ...PipelineSettings.parse({}), running: true,
  metrics: {
    at: '2026-11-26T12:00:00.000Z', since: null,
    eventsPerSecond: 0, latencyMs: { p50: null, p95: null, p99: null, max: null },
    produced: 0, acknowledged: 0, deadLettered: 0, parked: 0, queued: 0, inFlight: 0,
    demand: 0, bufferFill: 0, failures: 0, restarts: 0, faultsInjected: 0,
    process: { cpuPercent: 0, eventLoopLagMs: 0, memoryMiB: 0 },
  },
};
