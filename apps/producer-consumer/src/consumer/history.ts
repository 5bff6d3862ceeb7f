/** A message as it is stored. */
export interface StoredMessage {
  /** Its place: rises with each message of a consumer, gaps allowed. */
  readonly seq: number;
  readonly id: string;
  /** The body as JSON text. */
  readonly json: string;
  readonly atMs: number;
}

/** Messages one after the other, and whether there are others after them. */
export interface MessagePage {
  readonly messages: readonly StoredMessage[];
  readonly more: boolean;
}

/** How much of a history stays in memory. */
export interface HistoryBounds {
  readonly messagesMax: number;
  readonly charsMax: number;
}

/**
 * A consumer's latest messages, in the order in which they arrived; the older ones are in the store alone.
 * It outlives its server: what a crash leaves in it the next incarnation takes up.
 */
export class History {
  /** All messages up to this place are in the store alone. */
  private forgotten = 0;
  private chars = 0;
  private readonly messages: StoredMessage[] = [];

  constructor(private readonly bounds: HistoryBounds) {}

  /** The place of the last message; 0 when there is none. */
  get lastSeq(): number {
    return this.messages.at(-1)?.seq ?? this.forgotten;
  }

  get lastAtMs(): number {
    return this.messages.at(-1)?.atMs ?? 0;
  }

  /** Takes a message that is in the store; one that is here already changes nothing. */
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

  /** Takes the latest messages of the store; whether there may be others before them, after what is here. */
  load(latest: readonly StoredMessage[], mayMissSome: boolean): void {
    const [first] = latest;
    if (mayMissSome && first !== undefined && first.seq > this.lastSeq) {
      this.messages.length = 0;
      this.chars = 0;
      this.forgotten = first.seq - 1;
    }
    for (const message of latest) this.add(message);
  }

  find(id: string): StoredMessage | undefined {
    return this.messages.find((message) => message.id === id);
  }

  /** The messages after a place, at most so many; undefined when some of them are in the store alone. */
  page(after: number, limit: number): MessagePage | undefined {
    if (after < this.forgotten) return undefined;
    const messages = this.messages.filter(({ seq }) => seq > after);
    return { messages: messages.slice(0, limit), more: messages.length > limit };
  }
}
