import { PipelineSettings, type Pipeline } from '@aisle/contracts';
import { lineOf, tableOf } from './table.ts';

describe('tableOf', () => {
  it('shows the settings and all figures of a pipeline', () => {
    expect(tableOf(PIPELINE)).toEqual([
      'pipeline default, running: 1 producer at 1,000/s, 8 consumers with a demand of 100',
      'faults: crash at consumer 1 %',
      '',
      '  events/s         999.5   p50  0.12 ms   in flight      40   cpu        3.2 %',
      '  produced     1,234,567   p95     2 ms   queued          3   loop lag  0.4 ms',
      '  acknowledged 1,234,500   p99 12.35 ms   parked          2   memory    98 MiB',
      '  dead letters         1   max        -   demand        760',
      '  failures            12                  buffer        5 %',
      '  restarts            12',
      '  faults              12',
    ]);
  });
});

describe('lineOf', () => {
  it('shows the figures in one line', () => {
    expect(lineOf(PIPELINE)).toMatch(/^pipeline default running events\/s=999.5 produced=1,234,567 .* p50=0.12ms .* memory=98MiB$/);
  });
});

const PIPELINE: Pipeline = {
  name: 'default',
  ...PipelineSettings.parse({ faults: [{ kind: 'crash', at: 'consumer', probability: 0.01 }] }),
  running: true,
  metrics: {
    at: '2026-11-26T12:00:00.000Z', since: '2026-11-26T11:00:00.000Z',
    eventsPerSecond: 999.5, latencyMs: { p50: 0.12, p95: 2, p99: 12.345, max: null },
    produced: 1_234_567, acknowledged: 1_234_500, deadLettered: 1, parked: 2, queued: 3, inFlight: 40,
    demand: 760, bufferFill: 0.05, failures: 12, restarts: 12, faultsInjected: 12,
    process: { cpuPercent: 3.2, eventLoopLagMs: 0.4, memoryMiB: 98 },
  },
};
