import { Failure } from '@aisle/std';

/** More is asked of the sandbox than it can do soon; nothing was computed. */
export class SandboxBusy extends Failure {
  readonly kind = 'throttled';
  readonly code = 'sandbox.busy';
  constructor(limits: Readonly<Record<string, number>> & { readonly retryAfterMs: number }) {
    super('the sandbox has too much to do', limits);
  }
}

/** The sandbox was closed while it was asked. */
export class SandboxClosed extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'sandbox.closed';
  constructor() {
    super('the sandbox is closed');
  }
}

/** A script's source cannot be compiled; `problems` say where. */
export class InvalidSource extends Failure {
  readonly kind = 'invalid';
  readonly code = 'strategy.source';
  constructor(problems: readonly string[]) {
    super('the source is no strategy', { problems });
  }
}
