import { Failure, failures } from '@aisle/std';
import { describeExit, type ExitReason } from '@aisle/supervision';

/** Failures of a pipeline, a flow or its sources. */
export const PipelineFailure = failures('pipeline', {
  /** Thrown as `PipelineEnded`. */
  ended: ['unavailable', 'the pipeline ended before its sources did', (id: string, reason: string) => ({ id, reason })],
  /** A source broke for good: no more events will come, although they are not complete. `cause` is the error. */
  sourceFailed: [
    'unavailable', 'the source broke before its end',
    (cause: unknown) => ({ why: cause instanceof Error ? cause.message : String(cause) }),
  ],
}, { codes: { sourceFailed: 'source.failed' } });

/** The tree of a pipeline or flow ended before its sources. `reason` says how. */
export class PipelineEnded extends Failure {
  constructor(id: string, readonly reason: ExitReason) {
    super(PipelineFailure.ended(id, describeExit(reason)));
  }
}
