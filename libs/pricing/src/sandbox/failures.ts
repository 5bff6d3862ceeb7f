import { failures } from '@aisle/std';

/** Failures of the sandbox of scripts. */
export const SandboxFailure = failures('sandbox', {
  /** The sandbox has more questions than it can answer soon. Nothing was computed. */
  busy: ['throttled', 'the sandbox is busy; retry later', (limits: Readonly<Record<string, number>> & { retryAfterMs: number }) => limits],
  /** The sandbox was closed before it answered. */
  closed: ['unavailable', 'the sandbox is closed'],
  /** A script's source cannot be compiled; `problems` say where. */
  sourceInvalid: ['invalid', 'the source is not a strategy', (problems: readonly string[]) => ({ problems })],
}, { codes: { sourceInvalid: 'strategy.source' } });
