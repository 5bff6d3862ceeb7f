import { KINDS, type Envelope } from '../message/mailbox.ts';
import type { MessageFacts, Ref, Tracer } from '../message/ref.ts';

/** The part of a traced process that is used here. */
interface Traced {
  readonly tracers: readonly Tracer[] | undefined;
  readonly system: { shield(run: () => void): void };
}

/** Reports the message of the next turn. An error that a fault throws replaces the handler. */
export function traceMessage(process: Traced & Ref, envelope: Envelope): void {
  const message = factsOf(envelope);
  for (const tracer of process.tracers ?? []) {
    process.system.shield(() => tracer.onMessage?.(process, message));
    tracer.fault?.(message);
  }
}

/** Reports a state that a turn changed. */
export function traceState(process: Traced & Ref, state: unknown, previous: unknown): void {
  for (const tracer of process.tracers ?? []) {
    process.system.shield(() => tracer.onState?.(process, state, previous));
  }
}

export function factsOf({ kind, name, payload }: Envelope): MessageFacts {
  return { kind: KINDS[kind]!, name, payload };
}
