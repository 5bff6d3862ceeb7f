import { z } from 'zod';
import { Instant } from './calendar.ts';
import { Identifier } from './identifier.ts';
import { listOf } from './list.ts';
import { Text } from './text.ts';

const chance = {
  probability: z.number().min(0).max(1).meta({ description: 'the probability with which the fault hits a batch' }),
  seed: z.int().min(0).max(2 ** 32 - 1).default(1).meta({ description: 'the same seed hits the same batches' }),
};
const stage = z.enum(['producer', 'consumer']).meta({ description: 'the stage that the fault hits' });
const ms = z.int().min(1).max(10_000).optional().meta({ description: 'the duration in milliseconds; unless given, 1 for a delay and 1,000 for a stall' });

/** An injected fault: a stage crashes, delays a batch, handles a batch twice, or stalls. */
export const PipelineFault = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('crash').meta({ description: 'the stage crashes' }), at: stage, ...chance }),
    z.strictObject({ kind: z.literal('delay').meta({ description: 'the stage delays a batch' }), at: stage, ...chance, ms }),
    z.strictObject({ kind: z.literal('duplicate').meta({ description: 'the stage handles a batch twice' }), at: z.literal('consumer').meta({ description: 'the stage that the fault hits' }), ...chance }),
    z.strictObject({ kind: z.literal('stall').meta({ description: 'the stage stalls' }), at: stage, ...chance, ms }),
  ])
  .meta({ id: 'PipelineFault' });
export type PipelineFault = z.infer<typeof PipelineFault>;

const producerCount = z.int().min(1).max(16);
const consumerCount = z.int().min(1).max(64);
const rate = z.number().min(0).max(1_000_000).meta({
  description: 'events per second of each producer; 1,000 in a new pipeline. The rates of all producers of a process may add up to a million',
});
const demand = z.int().min(1).max(10_000).meta({
  description: 'the unacknowledged events that a consumer may have from each producer; 100 in a new pipeline. Over all producers and '
    + 'consumers of a process they may add up to a million',
});
const faults = listOf(PipelineFault, { most: 16 });

/** The body of `PUT /pipelines/{p}`. Settings that are left out keep their values; in a new pipeline they have the defaults. */
export const PipelineChange = z
  .strictObject({
    producerCount: producerCount.meta({ description: 'the number of producers; 1 in a new pipeline' }).exactOptional(),
    consumerCount: consumerCount.meta({ description: 'the number of consumers; 8 in a new pipeline' }).exactOptional(),
    rate: rate.exactOptional(),
    demand: demand.exactOptional(),
    faults: faults.meta({ description: 'injected faults; none in a new pipeline' }).exactOptional(),
  })
  .meta({ id: 'PipelineChange' });
export type PipelineChange = z.infer<typeof PipelineChange>;

/** The settings of a pipeline. */
export const PipelineSettings = z.strictObject({
  producerCount: producerCount.default(1),
  consumerCount: consumerCount.default(8),
  rate: rate.default(1_000),
  demand: demand.default(100),
  faults: faults.default([]),
});
export type PipelineSettings = z.infer<typeof PipelineSettings>;

const Milliseconds = z.number().nullable().meta({ description: 'milliseconds; null if no event was acknowledged' });

/**
 * The metrics of a pipeline since its last start. At rest, `produced = acknowledged + deadLettered + parked + queued + inFlight`.
 */
export const PipelineMetrics = z
  .strictObject({
    at: Instant,
    since: Instant.nullable().meta({ description: 'the time of the last start; null if this process has not started it' }),
    eventsPerSecond: z.number().meta({ description: 'acknowledged events per second, over the last ten seconds' }),
    latencyMs: z
      .strictObject({ p50: Milliseconds, p95: Milliseconds, p99: Milliseconds, max: Milliseconds })
      .meta({ description: 'the time from producing an event to its acknowledgement, over the last ten seconds' }),
    produced: z.int(),
    acknowledged: z.int(),
    deadLettered: z.int().meta({ description: 'events that were given up after each of their consumers crashed' }),
    parked: z.int().meta({ description: 'events that wait for their next attempt' }),
    queued: z.int().meta({ description: 'events that wait for demand' }),
    inFlight: z.int().meta({ description: 'events that consumers have and have not acknowledged' }),
    demand: z.int().meta({ description: 'events that consumers have requested and not received' }),
    bufferFill: z.number().meta({ description: 'the share of the allowed unacknowledged events that is used; at 1 the producers wait' }),
    failures: z.int().meta({ description: 'crashes of producers and consumers' }),
    restarts: z.int(),
    faultsInjected: z.int(),
    process: z
      .strictObject({ cpuPercent: z.number(), eventLoopLagMs: z.number(), memoryMiB: z.number() })
      .meta({ description: 'the process that runs the pipeline: percent of one core, 99th percentile of the event-loop lag, resident memory' }),
  })
  .meta({ id: 'PipelineMetrics' });
export type PipelineMetrics = z.infer<typeof PipelineMetrics>;

/** A pipeline with its settings, its state and its metrics. */
export const Pipeline = z
  .strictObject({
    name: Identifier,
    producerCount: z.int(),
    consumerCount: z.int(),
    rate: z.number(),
    demand: z.int(),
    faults: z.array(PipelineFault),
    running: z.boolean().meta({ description: 'whether it runs now; false if it is stopped or its process has no capacity for it' }),
    metrics: PipelineMetrics,
  })
  .meta({ id: 'Pipeline' });
export type Pipeline = z.infer<typeof Pipeline>;

/** A page of pipelines, sorted by name. */
export const PipelineList = z
  .strictObject({
    items: z.array(
      Pipeline.omit({ metrics: true }).extend({
        running: z.boolean().meta({ description: 'whether it is started; it waits if its process has no capacity for it' }),
      }).strict(),
    ),
    next: Text.nullable().meta({ description: 'the cursor of the next page; null on the last one' }),
  })
  .meta({ id: 'PipelineList' });
export type PipelineList = z.infer<typeof PipelineList>;
