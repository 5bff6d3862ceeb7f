/** A stored message. */
export interface StoredMessage {
  /** The position in the consumer's history. It grows with each message, with possible gaps. */
  readonly seq: number;
  readonly id: string;
  /** The body as JSON text. */
  readonly json: string;
  readonly atMs: number;
}

/** Consecutive messages, and whether there are more after them. */
export interface MessagePage {
  readonly messages: readonly StoredMessage[];
  readonly more: boolean;
}

/** The limits of a history in memory. */
export interface HistoryBounds {
  readonly messagesMax: number;
  readonly charsMax: number;
}

/**
 * Keeps the latest messages of a consumer in memory, in the order in which they arrived. Older ones are only in the store. It
 * outlives a crash of the consumer's process, whose next incarnation continues with it.
 */
export class History {
  /** Messages up to this position are only in the store. */
  private forgotten = 0;
  private chars = 0;
  private readonly messages: StoredMessage[] = [];

  constructor(private readonly bounds: HistoryBounds) {}

  /** The position of the last message; 0 if there is none. */
  get lastSeq(): number {
    return this.messages.at(-1)?.seq ?? this.forgotten;
  }

  get lastAtMs(): number {
    return this.messages.at(-1)?.atMs ?? 0;
  }

  /** Adds a message that is in the store. Adding it again changes nothing. */
  add(message: StoredMessage): void {
    if (message.seq <= this.lastSeq) return;
    this.messages.push(message);
    this.chars += message.json.length;
    while (this.messages.length > this.bounds.messagesMax || this.chars > this.bounds.charsMax) {
      const oldest = this.messages.shift() as StoredMessage;
      this.chars -= oldest.json.length;
      this.forgotten = oldest.seq;
    }
  }

  /** Adds the latest messages of the store. `mayHaveGap` says that the store may have others between these and the known ones. */
  load(latest: readonly StoredMessage[], mayHaveGap: boolean): void {
    const [first] = latest;
    if (mayHaveGap && first !== undefined && first.seq > this.lastSeq) {
      this.messages.length = 0;
      this.chars = 0;
      this.forgotten = first.seq - 1;
    }
    for (const message of latest) this.add(message);
  }

  find(id: string): StoredMessage | undefined {
    return this.messages.find((message) => message.id === id);
  }

  /** A page of at most `limit` messages after a position; undefined if some of them are only in the store. */
  page(after: number, limit: number): MessagePage | undefined {
    if (after < this.forgotten) return undefined;
    const messages = this.messages.filter(({ seq }) => seq > after);
    return { messages: messages.slice(0, limit), more: messages.length > limit };
  }
}
