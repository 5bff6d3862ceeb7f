import { z } from 'zod';
import { ReadPage } from './document-reply.ts';
import { Pipeline, PipelineChange, PipelineList } from './pipeline.ts';
import type { ReadonlyFields } from './protocol/immutable.ts';
import { documentOf, message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';

/** A pipeline of a chain; a list is of none. */
export interface PipelineKey {
  readonly pipeline?: string;
}

export const ConfigureReply = z.object({
  pipeline: documentOf(Pipeline),
  /** There was none of this name. */
  created: z.boolean(),
});
export type ConfigureReply = Readonly<z.infer<typeof ConfigureReply>>;

/** Dead letters of the pipeline, all of them when no ids are given. */
export const RedrivePipeline = z.object({ ids: z.array(z.int()).optional() });
export type RedrivePipeline = ReadonlyFields<z.infer<typeof RedrivePipeline>>;

export const RedriveReply = z.object({
  /** How many will be tried again that were not marked already. */
  redriven: z.int(),
});
export type RedriveReply = ReadonlyFields<z.infer<typeof RedriveReply>>;

/** After which sample the watcher goes on. */
export const WatchPipeline = z.object({
  /** The id of the last sample that it has; without it, the latest one is enough. */
  after: z.int().optional(),
});
export type WatchPipeline = ReadonlyFields<z.infer<typeof WatchPipeline>>;

export const WatchReply = z.object({
  /** One a second while the pipeline runs, and one when it changes; ids rise. */
  samples: z.array(z.object({ id: z.int(), pipeline: documentOf(Pipeline, 'running') })),
  /** There were others before these that nobody has any more. */
  missed: z.boolean(),
});
export type WatchReply = ReadonlyFields<z.infer<typeof WatchReply>>;

/** Pipelines. Any producer-consumer process answers, by itself or through the one that runs the pipeline. */
export const PipelineProtocol = protocol('pipeline', {
  queue: 'producer-consumer',
  key: ({ pipeline = 'any' }: PipelineKey) => ({ market: 'all', actor: pipeline }),
}, {
  read: message('Reads the pipeline.', { reply: documentOf(Pipeline), repeatable: true }),
  configure: message('Makes the pipeline, or changes its settings.', { body: PipelineChange, reply: ConfigureReply }),
  start: message('Lets its producers make events.', { reply: documentOf(Pipeline) }),
  stop: message('Lets the pipeline run dry.', { reply: documentOf(Pipeline) }),
  watch: message('Reads the samples since one.', { body: WatchPipeline, reply: WatchReply, repeatable: true }),
  list: message('Lists pipelines by name.', { body: ReadPage, reply: documentOf(PipelineList), repeatable: true }),
  remove: message('Deletes a pipeline that is stopped.'),
  redrive: message('Has dead letters of the pipeline tried again.', { body: RedrivePipeline, reply: RedriveReply }),
});
