import { Failure } from '@aisle/std';
import { describeExit, type ExitReason } from '@aisle/supervision';

/** The tree of a pipeline or flow ended before its sources. `reason` says how. */
export class PipelineEnded extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'pipeline.ended';
  readonly reason: ExitReason;
  constructor(id: string, reason: ExitReason) {
    super('the pipeline ended before its sources did', { id, reason: describeExit(reason) });
    this.reason = reason;
  }
}

/** A source broke for good: no more events will come, although they are not complete. `cause` is the error. */
export class SourceFailed extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'source.failed';
  constructor(cause: unknown) {
    super('the source broke before its end', { why: cause instanceof Error ? cause.message : String(cause) });
    this.cause = cause;
  }
}
