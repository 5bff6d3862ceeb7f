import { Envelope, INFO } from '../message/mailbox.ts';
import type { Ref } from '../message/ref.ts';
import type { Process } from '../process/process.ts';
import type { MessageFacts } from '../message/ref.ts';

/** Makes a process crash after it has handled the messages in its mailbox. */
export function crash(ref: Ref, error: unknown = new Error('injected crash')): void {
  const marker = {};
  crashOn(ref, ({ payload }) => payload === marker, error);
  (ref as Process).post(new Envelope(INFO, undefined, marker, 0));
}

/** Makes a process crash on the next message that `choose` selects, in place of its handler. */
export function crashOn(
  ref: Ref,
  choose: (message: MessageFacts) => boolean,
  error: unknown = new Error('injected crash'),
): void {
  const remove = ref.trace({
    fault: (message) => {
      if (!choose(message)) return;
      remove();
      throw error;
    },
  });
}
