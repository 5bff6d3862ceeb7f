import { Failure } from '@aisle/std';

/** Nobody has made a pipeline of this name. */
export class PipelineMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'pipeline.missing';
  constructor(name: string) {
    super('there is no pipeline of this name; PUT makes one', { name });
  }
}

/** Only a pipeline that is stopped can be deleted. */
export class PipelineRunning extends Failure {
  readonly kind = 'conflict';
  readonly code = 'pipeline.running';
  constructor() {
    super('the pipeline runs, or is to run; stop it first');
  }
}

/** The pipeline was stopped, and some of its events are still on their way. */
export class PipelineDraining extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'pipeline.draining';
  constructor() {
    super('the pipeline is running dry', { retryAfterMs: 1_000 });
  }
}

/** Not even an idle process could run a pipeline with these settings. `what` is a field of `Load`. */
export class PipelineTooBig extends Failure {
  readonly kind = 'rejected';
  readonly code = 'pipeline.too_big';
  constructor(facts: { readonly what: string; readonly wanted: number; readonly max: number }) {
    super('a process could not run a pipeline with these settings', facts);
  }
}

/** The pipelines that run in this process leave no room for these settings. `what` is a field of `Load`. */
export class PipelinesFull extends Failure {
  readonly kind = 'throttled';
  readonly code = 'pipelines.full';
  constructor(facts: { readonly what: string; readonly wanted: number; readonly taken: number; readonly max: number }) {
    super('the pipelines that run already leave no room for this one', { ...facts, retryAfterMs: 5_000 });
  }
}
