import { Failure } from '@aisle/std';

/** The sandbox has more questions than it can answer soon. Nothing was computed. */
export class SandboxBusy extends Failure {
  readonly kind = 'throttled';
  readonly code = 'sandbox.busy';
  constructor(limits: Readonly<Record<string, number>> & { readonly retryAfterMs: number }) {
    super('the sandbox is busy; retry later', limits);
  }
}

/** The sandbox was closed before it answered. */
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
    super('the source is not a strategy', { problems });
  }
}
