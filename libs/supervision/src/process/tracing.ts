import { KINDS, type Envelope } from '../message/mailbox.ts';
import type { MessageFacts, Ref, Tracer } from '../message/ref.ts';

/** What is seen here of a process that somebody traces. */
interface Traced {
  readonly tracers: readonly Tracer[] | undefined;
  readonly system: { shield(run: () => void): void };
}

/** Tells what a turn is about to handle. What a fault throws is thrown in place of the handler. */
export function traceMessage(process: Traced & Ref, envelope: Envelope): void {
  const message = factsOf(envelope);
  for (const tracer of process.tracers ?? []) {
    process.system.shield(() => tracer.onMessage?.(process, message));
    tracer.fault?.(message);
  }
}

/** Tells a state that a turn has changed. */
export function traceState(process: Traced & Ref, state: unknown, previous: unknown): void {
  for (const tracer of process.tracers ?? []) {
    process.system.shield(() => tracer.onState?.(process, state, previous));
  }
}

export function factsOf({ kind, name, payload }: Envelope): MessageFacts {
  return { kind: KINDS[kind]!, name, payload };
}
