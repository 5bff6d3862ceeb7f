/** The treatment of a message that finds the mailbox full. Calls are always rejected. */
export type Overflow = 'reject' | 'drop_oldest' | 'block';

/** A mailbox's bound. Exit signals, `Down` messages and the server's own timers are always accepted. */
export interface MailboxBound {
  /** Waiting messages; 10,000 by default. */
  messagesMax?: number;
  /** Total `bytes` of the waiting messages, as given by their senders; unbounded by default. */
  bytesMax?: number;
  /** `reject` by default. `drop_oldest` drops the oldest cast. `block` lets as many senders again wait for room. */
  overflow?: Overflow;
}

/** Kinds of messages; the last two come from the process itself or from its parent. */
export const CALL = 0;
export const CAST = 1;
export const INFO = 2;
export const CONTINUE = 3;
export const STOP = 4;
/** Asks for the state between two turns. */
export const PEEK = 5;

/** Names of the kinds, by their number. */
export const KINDS = ['call', 'cast', 'info', 'continue', 'stop', 'peek'] as const;
/** The way a message was sent. `continue` comes from the server itself, `stop` from its supervisor. */
export type MessageKind = (typeof KINDS)[number];

/** One message in a mailbox; the mailbox is a list of them. */
export class Envelope {
  next: Envelope | undefined = undefined;

  constructor(
    readonly kind: number,
    readonly name: string | undefined,
    readonly payload: unknown,
    readonly bytes: number,
  ) {}
}

/** A waiter for room: a message, or a sender that asked for notice. */
type Waiting = Envelope | ((room: boolean) => void);

/** First in, first out. It is a linked list, so an empty mailbox costs nothing and a deep one is never copied. */
export class Mailbox {
  depth = 0;
  bytes = 0;
  private head: Envelope | undefined = undefined;
  private tail: Envelope | undefined = undefined;
  private waiting: Waiting[] | undefined = undefined;
  /** There is no cast up to here: `dropOldest` starts behind it. */
  private castless: Envelope | undefined = undefined;
  /** The shared wait of senders that ask for room one directly after another. */
  private lastRoom: { readonly promise: Promise<boolean>; readonly tell: Waiting } | undefined = undefined;

  constructor(private readonly bound: Required<MailboxBound>) {}

  push(envelope: Envelope): void {
    if (this.tail === undefined) this.head = envelope;
    else this.tail.next = envelope;
    this.tail = envelope;
    this.depth += 1;
    this.bytes += envelope.bytes;
  }

  /** Puts a message before all others, because a continuation precedes messages from other processes. */
  unshift(envelope: Envelope): void {
    envelope.next = this.head;
    this.head = envelope;
    this.tail ??= envelope;
    this.depth += 1;
  }

  shift(): Envelope | undefined {
    const envelope = this.head;
    if (envelope === undefined) return undefined;
    this.head = envelope.next;
    if (this.head === undefined) this.tail = undefined;
    if (this.castless === envelope) this.castless = undefined;
    envelope.next = undefined;
    this.depth -= 1;
    this.bytes -= envelope.bytes;
    if (this.waiting !== undefined) this.admit(this.waiting);
    return envelope;
  }

  /** True if another message of this size would exceed the bound. */
  isFull(bytes: number): boolean {
    return this.depth >= this.bound.messagesMax || this.bytes + bytes > this.bound.bytesMax;
  }

  /** Removes the oldest cast, if there is one. */
  dropOldest(): Envelope | undefined {
    let before = this.castless;
    for (let at = before === undefined ? this.head : before.next; at !== undefined; before = at, at = at.next) {
      this.castless = before;
      if (at.kind !== CAST) continue;
      if (before === undefined) this.head = at.next;
      else before.next = at.next;
      if (this.tail === at) this.tail = before;
      at.next = undefined;
      this.depth -= 1;
      this.bytes -= at.bytes;
      return at;
    }
    this.castless = this.tail;
    return undefined;
  }

  /** Queues a message for room. Returns false when as many wait already as the mailbox may hold. */
  block(envelope: Envelope): boolean {
    const waiting = (this.waiting ??= []);
    if (waiting.length >= this.bound.messagesMax) return false;
    waiting.push(envelope);
    return true;
  }

  /**
   * Resolves with true once there is room behind everything that waits already, with false if the server ends first.
   */
  room(): Promise<boolean> {
    if (this.waiting === undefined && !this.isFull(0)) return Promise.resolve(true);
    const waiting = (this.waiting ??= []);
    // Senders that ask directly after one another share one place, however many they are.
    if (this.lastRoom !== undefined && waiting.at(-1) === this.lastRoom.tell) return this.lastRoom.promise;
    let tell!: (room: boolean) => void;
    const promise = new Promise<boolean>((resolve) => (tell = resolve));
    this.lastRoom = { promise, tell };
    waiting.push(tell);
    return promise;
  }

  /** Empties the mailbox of messages that will not be handled. */
  *drain(): Generator<Envelope> {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (let next = this.shift(); next !== undefined; next = this.shift()) yield next;
    for (const next of waiting) {
      if (typeof next === 'function') next(false);
      else yield next;
    }
  }

  private admit(waiting: Waiting[]): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (this.isFull(typeof next === 'function' ? 0 : next.bytes)) return;
      waiting.shift();
      if (typeof next === 'function') next(true);
      else this.push(next);
    }
    this.waiting = undefined;
  }
}
