import { isFailure, type Failure } from '@aisle/std';
import type { Submission } from './behaviour.ts';
import { JournalFailure } from './journal-failures.ts';
import { hashText } from './recent-commands.ts';

interface Refused {
  readonly payloadHash: string;
  readonly refusal: Failure;
}

type Copy = Pick<Submission<unknown>, 'id' | 'payloadHash'>;

const FINAL: ReadonlySet<string> = new Set<Failure['kind']>(['rejected', 'missing', 'conflict', 'precondition']);

/** True for a rule's refusal. After any other error the same command may be tried again. */
export function isFinal(refusal: unknown): boolean {
  return isFailure(refusal) && FINAL.has(refusal.kind);
}

/**
 * The latest refused commands of one shard, for as long as its lease is held. They are not journalled, so they exist in
 * memory only: enough for the copies of a command that retries and the broker have left in flight.
 */
export class RecentRefusals {
  // Most shards refuse nothing.
  private known: Map<string, Refused> | undefined;

  constructor(private readonly max: number) {}

  has(actor: string, id: string): boolean {
    return this.known?.has(keyOf(actor, id)) === true;
  }

  /** Repeats the refusal for a copy: throws it, or `JournalFailure.idempotencyMismatch` for another payload. */
  answer(actor: string, { id, payloadHash }: Copy): never {
    const known = this.known?.get(keyOf(actor, id));
    if (known?.payloadHash === hashText(payloadHash)) throw known.refusal;
    throw JournalFailure.idempotencyMismatch(id);
  }

  /** Remembers final refusals only. */
  add(actor: string, { id, payloadHash }: Copy, refusal: unknown): void {
    if (!isFinal(refusal)) return;
    this.known ??= new Map();
    this.known.set(keyOf(actor, id), { payloadHash: hashText(payloadHash), refusal: refusal as Failure });
    if (this.known.size <= this.max) return;
    const [oldest] = this.known.keys();
    this.known.delete(oldest as string);
  }

  remove(actor: string, id: string): void {
    this.known?.delete(keyOf(actor, id));
  }
}

function keyOf(actor: string, id: string): string {
  return `${actor}\0${id}`;
}
