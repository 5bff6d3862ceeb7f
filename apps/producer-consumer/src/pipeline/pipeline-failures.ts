import { Failure } from '@aisle/std';

/** Nobody has made a pipeline of this name. */
export class PipelineMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'pipeline.missing';
  constructor(name: string) {
    super('there is no pipeline of this name; PUT makes one', { name });
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
