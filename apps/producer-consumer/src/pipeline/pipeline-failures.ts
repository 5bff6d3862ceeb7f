import { failures } from '@aisle/std';

/** Failures of a pipeline. */
export const PipelineFailure = failures('pipeline', {
  missing: ['missing', 'there is no pipeline of this name; PUT makes one', (name: string) => ({ name })],
  /** Only a stopped pipeline can be deleted. */
  running: ['conflict', 'the pipeline is running, or about to run; stop it first'],
  /** The pipeline was stopped, and some of its events are still being processed. */
  draining: ['unavailable', 'the pipeline is being drained', () => ({ retryAfterMs: 1_000 })],
  /** Not even an idle process could run a pipeline with these settings. `what` is a field of `Load`. */
  tooBig: [
    'rejected', 'the settings are too large for one process',
    ({ what, wanted, max }: { what: string; wanted: number; max: number }) => ({ what, wanted, max }),
  ],
  /** The pipelines that run in this process leave no room for these settings. `what` is a field of `Load`. */
  full: [
    'throttled', 'the pipelines that run already leave no room for this one',
    ({ what, wanted, taken, max }: { what: string; wanted: number; taken: number; max: number }) =>
      ({ what, wanted, taken, max, retryAfterMs: 5_000 }),
  ],
}, { codes: { full: 'pipelines.full' } });
