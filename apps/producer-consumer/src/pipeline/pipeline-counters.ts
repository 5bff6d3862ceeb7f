import type { PipelineHooks } from '@aisle/pipeline';
import { Counter, Histogram, type Registry } from '@aisle/platform';

/** The Prometheus metrics of pipelines. */
export class PipelineCounters {
  private readonly events: Counter<'pipeline' | 'what'>;
  private readonly stages: Counter<'pipeline' | 'what'>;
  private readonly latency: Histogram<'pipeline'>;

  constructor(metrics: Registry) {
    const registers = [metrics];
    this.events = new Counter({
      name: 'pipeline_events_total', help: 'events of a pipeline, by outcome',
      labelNames: ['pipeline', 'what'], registers,
    });
    this.stages = new Counter({
      name: 'pipeline_stages_total', help: 'crashes and restarts of producers and consumers',
      labelNames: ['pipeline', 'what'], registers,
    });
    this.latency = new Histogram({
      name: 'pipeline_batch_seconds', help: 'seconds from producing a batch of events to its acknowledgement',
      labelNames: ['pipeline'], buckets: [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5], registers,
    });
  }

  /** The hooks of a pipeline that update its metrics. */
  hooks(pipeline: string): PipelineHooks {
    const produced = this.events.labels({ pipeline, what: 'produced' });
    const acknowledged = this.events.labels({ pipeline, what: 'acknowledged' });
    const deadLettered = this.events.labels({ pipeline, what: 'dead-lettered' });
    const crashed = this.stages.labels({ pipeline, what: 'crashed' });
    const restarted = this.stages.labels({ pipeline, what: 'restarted' });
    const latency = this.latency.labels({ pipeline });
    return {
      onFetched: (events) => produced.inc(events),
      onAcknowledged: (events, latencyMs) => {
        acknowledged.inc(events);
        latency.observe(latencyMs / 1_000);
      },
      onDeadLetter: () => deadLettered.inc(),
      onFailure: () => crashed.inc(),
      onRestart: () => restarted.inc(),
    };
  }
}
