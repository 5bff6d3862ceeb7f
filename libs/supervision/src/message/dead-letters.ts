import type { Clock } from '@aisle/std';
import type { MessageKind } from './mailbox.ts';
import type { Address, Ref } from './ref.ts';

/** The reason why a message was not handled. */
export type DeadLetterCause =
  /** The mailbox was full. */
  | 'mailbox_full'
  /** A newer cast took its place (`drop_oldest`). */
  | 'dropped'
  /** No process lived at the address. */
  | 'noproc'
  /** It waited in the mailbox of a process that ended. */
  | 'exited'
  /** The server has no handler for it. */
  | 'unhandled'
  /** The handler refused it with a Failure, and a cast has nobody to tell. */
  | 'refused'
  /** The answer came after its call had timed out. */
  | 'late_reply';

/** An unhandled message, with the reason. */
export interface DeadLetter {
  /** Time in milliseconds since 1970. */
  readonly atMs: number;
  readonly to: Address;
  readonly kind: MessageKind;
  readonly name: string | undefined;
  readonly payload: unknown;
  readonly cause: DeadLetterCause;
}

/** The latest unhandled messages and their total number, in a ring that overwrites the oldest. */
export class DeadLetters {
  private readonly ring: DeadLetter[] = [];
  private next = 0;
  private readonly countByCause = new Map<DeadLetterCause, number>();

  constructor(
    private readonly clock: Clock,
    private readonly lettersMax: number,
    private readonly onDeadLetter: (letter: DeadLetter) => void,
  ) {}

  /** Adds a letter to the ring, over the oldest one when the ring is full. */
  add(facts: Omit<DeadLetter, 'atMs'>): void {
    const letter = { atMs: this.clock.nowMs(), ...facts };
    this.countByCause.set(facts.cause, (this.countByCause.get(facts.cause) ?? 0) + 1);
    if (this.lettersMax > 0) {
      this.ring[this.next] = letter;
      this.next = (this.next + 1) % this.lettersMax;
    }
    this.onDeadLetter(letter);
  }

  /** The kept letters, oldest first. */
  list(): DeadLetter[] {
    return [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)];
  }

  /** The number of letters per cause, including overwritten ones. */
  counts(): Record<DeadLetterCause, number> {
    const zero = { mailbox_full: 0, dropped: 0, noproc: 0, exited: 0, unhandled: 0, refused: 0, late_reply: 0 };
    return Object.assign(zero, Object.fromEntries(this.countByCause));
  }

  /**
   * Sends the chosen letters again, oldest first, and removes them from the ring. They go to `to`, or to their first
   * address. A call's answer is dropped. A late reply is not a message and stays. A letter that is refused again is a
   * new letter. Returns the number of letters sent.
   */
  replay(choose: (letter: DeadLetter) => boolean = () => true, to?: Address): number {
    const letters = this.list();
    const sent = letters.filter((letter) => letter.cause !== 'late_reply' && choose(letter));
    const chosen = new Set(sent);
    this.ring.splice(0, Infinity, ...letters.filter((letter) => !chosen.has(letter)));
    this.next = this.ring.length % Math.max(1, this.lettersMax);
    for (const letter of sent) resend(letter, to ?? letter.to);
    return sent.length;
  }
}

function resend({ kind, name, payload }: DeadLetter, to: Address): void {
  if (kind === 'info') to.send(payload);
  else if (kind === 'cast') to.cast(name as string, payload);
  // The caller has had its failure long ago. Nobody waits, and a second failure becomes a new letter.
  else if (kind === 'call') (to as Ref).call(name as string, payload).catch(() => undefined);
}
