import { z } from 'zod';
import { ReadPage } from './document-reply.ts';
import { Pipeline, PipelineChange, PipelineList } from './pipeline.ts';
import type { ReadonlyFields } from './protocol/immutable.ts';
import { documentOf, message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';

/** The key of a pipeline: its name. A list has no name. */
export interface PipelineKey {
  readonly pipeline?: string;
}

/** The answer to `pipeline.configure`. */
export const ConfigureReply = z.object({
  pipeline: documentOf(Pipeline),
  /** Whether the pipeline is new. */
  created: z.boolean(),
});
export type ConfigureReply = Readonly<z.infer<typeof ConfigureReply>>;

/** The body of `pipeline.redrive`: ids of dead letters; all of the pipeline unless given. */
export const RedrivePipeline = z.object({ ids: z.array(z.int()).optional() });
export type RedrivePipeline = ReadonlyFields<z.infer<typeof RedrivePipeline>>;

/** The answer to `pipeline.redrive`. */
export const RedriveReply = z.object({
  /** The number of letters that are newly marked to be tried again. */
  redriven: z.int(),
});
export type RedriveReply = ReadonlyFields<z.infer<typeof RedriveReply>>;

/** The body of `pipeline.watch`. */
export const WatchPipeline = z.object({
  /** The id of the last sample that the watcher has; without it, the answer is the latest sample. */
  after: z.int().optional(),
});
export type WatchPipeline = ReadonlyFields<z.infer<typeof WatchPipeline>>;

/** The answer to `pipeline.watch`. */
export const WatchReply = z.object({
  /** One sample per second while the pipeline runs, and one at each change, with increasing ids. */
  samples: z.array(z.object({ id: z.int(), pipeline: documentOf(Pipeline, 'running') })),
  /** Whether earlier samples after `after` are no longer available. */
  missed: z.boolean(),
});
export type WatchReply = ReadonlyFields<z.infer<typeof WatchReply>>;

/** The messages to pipelines. Any producer-consumer process answers; it asks the process that runs the pipeline. */
export const PipelineProtocol = protocol('pipeline', {
  queue: 'producer-consumer',
  key: ({ pipeline = 'any' }: PipelineKey) => ({ market: 'all', actor: pipeline }),
}, {
  read: message('Reads the pipeline.', { reply: documentOf(Pipeline), repeatable: true }),
  configure: message('Creates the pipeline, or changes its settings.', { body: PipelineChange, reply: ConfigureReply }),
  start: message('Starts the producers of the pipeline.', { reply: documentOf(Pipeline) }),
  stop: message('Stops the producers of the pipeline, and lets it drain.', { reply: documentOf(Pipeline) }),
  watch: message('Reads the samples of the metrics after a given one.', { body: WatchPipeline, reply: WatchReply, repeatable: true }),
  list: message('Lists pipelines by name.', { body: ReadPage, reply: documentOf(PipelineList), repeatable: true }),
  remove: message('Deletes a stopped pipeline.'),
  redrive: message('Marks dead letters of the pipeline to be tried again.', { body: RedrivePipeline, reply: RedriveReply }),
});
