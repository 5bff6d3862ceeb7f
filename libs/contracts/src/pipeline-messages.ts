import type { Pipeline, PipelineChange } from './pipeline.ts';

/**
 * The message types of pipelines. Any producer-consumer process answers them, by itself or through the one
 * that runs the pipeline; the actor in the header is the pipeline's name. `list` is of no pipeline in particular.
 */
export const PIPELINE_MESSAGES = {
  read: 'pipeline.read',
  configure: 'pipeline.configure',
  start: 'pipeline.start',
  stop: 'pipeline.stop',
  watch: 'pipeline.watch',
  list: 'pipeline.list',
  remove: 'pipeline.remove',
  redrive: 'pipeline.redrive',
} as const;

/** What `pipeline.configure` carries; it makes the pipeline where there is none. */
export type ConfigurePipeline = PipelineChange;

/** The answer to `pipeline.configure`. */
export interface ConfigureReply {
  readonly pipeline: Pipeline;
  /** There was none of this name. */
  readonly created: boolean;
}

/** The body of `pipeline.redrive`: dead letters of the pipeline, all of them when no ids are given. */
export interface RedrivePipeline {
  readonly ids?: readonly number[] | undefined;
}

/** The answer to `pipeline.redrive`. */
export interface RedriveReply {
  /** How many will be tried again that were not marked already. */
  readonly redriven: number;
}

/** What `pipeline.watch` carries: after which sample the watcher goes on. */
export interface WatchPipeline {
  /** The id of the last sample that it has; without it, the latest one is enough. */
  readonly after?: number | undefined;
}

/** The answer to `pipeline.watch`. */
export interface WatchReply {
  /** One a second while the pipeline runs, and one when it changes; ids rise. */
  readonly samples: readonly { readonly id: number; readonly pipeline: Pipeline }[];
  /** There were others before these that nobody has any more. */
  readonly missed: boolean;
}
