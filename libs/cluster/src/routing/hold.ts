import type { Envelope } from '@aisle/broker';

/** The limits of commands that wait for moving shards. */
export interface HoldLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** The longest wait. After it the sender gets a retryable failure. */
  readonly waitMs: number;
}

interface Held {
  readonly envelope: Envelope;
  readonly untilMs: number;
}

/** Commands that wait, in order, until their shard has an owner. Their number, size and time are bounded. */
export class Hold {
  private readonly shards = new Map<number, Held[]>();
  private messages = 0;
  private bytes = 0;

  constructor(private readonly limits: HoldLimits) {}

  /** The shards for which commands wait. */
  get waiting(): readonly number[] {
    return [...this.shards.keys()];
  }

  /** The number of waiting commands. */
  get size(): number {
    return this.messages;
  }

  isWaiting(shard: number): boolean {
    return this.shards.has(shard);
  }

  /**
   * Adds a command; returns false if there is no room. The body is copied, since it is a view into a frame that may be much
   * larger.
   */
  add(shard: number, envelope: Envelope, nowMs: number): boolean {
    const { messagesMax, bytesMax, waitMs } = this.limits;
    if (this.messages >= messagesMax || this.bytes + envelope.body.length > bytesMax) return false;
    const held = { envelope: { ...envelope, body: envelope.body.slice() }, untilMs: nowMs + waitMs };
    const queue = this.shards.get(shard);
    if (queue) queue.push(held);
    else this.shards.set(shard, [held]);
    this.messages += 1;
    this.bytes += envelope.body.length;
    return true;
  }

  /** Removes and returns the commands for a shard, oldest first. */
  take(shard: number): readonly Envelope[] {
    const queue = this.shards.get(shard) ?? [];
    this.shards.delete(shard);
    return queue.map(({ envelope }) => this.out(envelope));
  }

  /** Removes and returns the commands that have waited too long. */
  takeExpired(nowMs: number): readonly Envelope[] {
    const expired: Envelope[] = [];
    for (const [shard, queue] of this.shards) {
      while (queue[0] && queue[0].untilMs <= nowMs) expired.push(this.out((queue.shift() as Held).envelope));
      if (queue.length === 0) this.shards.delete(shard);
    }
    return expired;
  }

  private out(envelope: Envelope): Envelope {
    this.messages -= 1;
    this.bytes -= envelope.body.length;
    return envelope;
  }
}
