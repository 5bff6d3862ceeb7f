import { z } from 'zod';
import { Instant } from './calendar.ts';
import { Identifier } from './identifier.ts';
import { listOf } from './list.ts';
import { Text } from './text.ts';

const chance = {
  probability: z.number().min(0).max(1).meta({ description: 'of each batch to be hit' }),
  seed: z.int().min(0).max(2 ** 32 - 1).default(1).meta({ description: 'the same seed hits the same batches' }),
};
const ms = z.int().min(1).max(10_000).optional().meta({ description: 'how long: 1 unless said otherwise, a stall 1,000' });

/** A fault that is made to happen: a stage crashes, is late, does a batch twice, or stands still for long. */
export const PipelineFault = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('crash'), at: z.enum(['producer', 'consumer']), ...chance }),
    z.strictObject({ kind: z.literal('delay'), at: z.enum(['producer', 'consumer']), ...chance, ms }),
    z.strictObject({ kind: z.literal('duplicate'), at: z.literal('consumer'), ...chance }),
    z.strictObject({ kind: z.literal('stall'), at: z.enum(['producer', 'consumer']), ...chance, ms }),
  ])
  .meta({ id: 'PipelineFault' });
export type PipelineFault = z.infer<typeof PipelineFault>;

const producerCount = z.int().min(1).max(16);
const consumerCount = z.int().min(1).max(64);
const rate = z.number().min(0).max(1_000_000).meta({
  description: 'events a second that each producer makes; a new pipeline has 1,000. All producers of a process together may be set to a million',
});
const demand = z.int().min(1).max(10_000).meta({
  description: 'events that a consumer may have of each producer without having acknowledged them; a new pipeline has 100. '
    + 'Over all producers and consumers of a process that may be a million',
});
const faults = listOf(PipelineFault, { most: 16 });

/** The body of `PUT /pipelines/{p}`. A setting that is left out stays; of a new pipeline it is as it is by default. */
export const PipelineChange = z
  .strictObject({
    producerCount: producerCount.meta({ description: 'a new pipeline has 1' }).exactOptional(),
    consumerCount: consumerCount.meta({ description: 'a new pipeline has 8' }).exactOptional(),
    rate: rate.exactOptional(),
    demand: demand.exactOptional(),
    faults: faults.meta({ description: 'a new pipeline has none' }).exactOptional(),
  })
  .meta({ id: 'PipelineChange' });
export type PipelineChange = z.infer<typeof PipelineChange>;

/** All that a pipeline is set to. */
export const PipelineSettings = z.strictObject({
  producerCount: producerCount.default(1),
  consumerCount: consumerCount.default(8),
  rate: rate.default(1_000),
  demand: demand.default(100),
  faults: faults.default([]),
});
export type PipelineSettings = z.infer<typeof PipelineSettings>;

const Milliseconds = z.number().nullable().meta({ description: 'null while nothing was acknowledged' });

/**
 * A pipeline in numbers, since it was started last. At rest `produced = acknowledged + deadLettered + parked + queued
 * + inFlight`.
 */
export const PipelineMetrics = z
  .strictObject({
    at: Instant,
    since: Instant.nullable().meta({ description: 'when it was started; null when it never was, here' }),
    eventsPerSecond: z.number().meta({ description: 'acknowledged, over the last ten seconds' }),
    latencyMs: z
      .strictObject({ p50: Milliseconds, p95: Milliseconds, p99: Milliseconds, max: Milliseconds })
      .meta({ description: 'from being made to being acknowledged, over the last ten seconds' }),
    produced: z.int(),
    acknowledged: z.int(),
    deadLettered: z.int().meta({ description: 'given up: every consumer that got them crashed' }),
    parked: z.int().meta({ description: 'wait for their next try' }),
    queued: z.int().meta({ description: 'wait for demand' }),
    inFlight: z.int().meta({ description: 'are with consumers' }),
    demand: z.int().meta({ description: 'what consumers want and have not got' }),
    bufferFill: z.number().meta({ description: 'how much of what may be under way is; at 1 the producers wait' }),
    failures: z.int().meta({ description: 'crashes of producers and consumers' }),
    restarts: z.int(),
    faultsInjected: z.int(),
    process: z
      .strictObject({ cpuPercent: z.number(), eventLoopLagMs: z.number(), memoryMiB: z.number() })
      .meta({ description: 'the process that runs it: percent of one core, 99th percentile, resident' }),
  })
  .meta({ id: 'PipelineMetrics' });
export type PipelineMetrics = z.infer<typeof PipelineMetrics>;

/** A pipeline: what it is set to, whether it runs, and how it does. */
export const Pipeline = z
  .strictObject({
    name: Identifier,
    producerCount: z.int(),
    consumerCount: z.int(),
    rate: z.number(),
    demand: z.int(),
    faults: z.array(PipelineFault),
    running: z.boolean().meta({ description: 'false also while its process has no room for it' }),
    metrics: PipelineMetrics,
  })
  .meta({ id: 'Pipeline' });
export type Pipeline = z.infer<typeof Pipeline>;

/** A page of pipelines, in the order of their names. */
export const PipelineList = z
  .strictObject({
    items: z.array(
      Pipeline.omit({ metrics: true }).extend({
        running: z.boolean().meta({ description: 'it is to run; one whose process has no room for it waits' }),
      }).strict(),
    ),
    next: Text.nullable().meta({ description: 'the cursor of the next page; null on the last one' }),
  })
  .meta({ id: 'PipelineList' });
export type PipelineList = z.infer<typeof PipelineList>;
