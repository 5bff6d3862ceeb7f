import { Redis } from 'ioredis';
import { Packr } from 'msgpackr';

/** From the gateway through the manager to a server: a read, or an add with its command id, product and quantity. */
export type Command =
  | readonly [shard: number, id: number, basket: string]
  | readonly [shard: number, id: number, basket: string, commandId: string, sku: string, quantity: number];
/** From a server to the gateway. The body is JSON in ASCII. */
export type Reply = readonly [id: number, status: number, body: string];

export const SHARDS = 64;
export const SERVERS = 2;

export const list = { gateway: 'gateway', manager: 'manager', server: (at: number) => `server-${at}` };

const FRAMES_A_POP = 64;

/** Messages over Redis lists. One turn of the event loop sends one frame to a list: one element with all messages. */
export class Lists {
  readonly #redis = new Redis(process.env['REDIS_URL'] ?? '');
  readonly #prefix = process.env['REDIS_PREFIX'] ?? '';
  readonly #packr = new Packr({ useRecords: false });
  readonly #outgoing = new Map<string, unknown[]>();

  send(to: string, message: Command | Reply): void {
    const frame = this.#outgoing.get(to);
    if (frame) return void frame.push(message);
    // It runs after all sockets of this turn were read, so one frame carries the messages of them all.
    if (this.#outgoing.size === 0) setImmediate(() => this.#flush());
    this.#outgoing.set(to, [message]);
  }

  /** A blocking pop needs a connection of its own. */
  async receive<M extends Command | Reply>(from: string, onMessage: (message: M) => void): Promise<never> {
    const redis = this.#redis.duplicate();
    const pop = (): Promise<[Buffer, Buffer[]] | null> =>
      redis.blmpopBuffer(0, 1, this.#prefix + from, 'LEFT', 'COUNT', FRAMES_A_POP);
    for (;;) {
      const [, frames] = (await pop()) ?? [];
      for (const frame of frames ?? []) (this.#packr.unpack(frame) as M[]).forEach(onMessage);
    }
  }

  #flush(): void {
    for (const [to, messages] of this.#outgoing) {
      this.#redis.rpush(this.#prefix + to, this.#packr.pack(messages)).catch(crash);
    }
    this.#outgoing.clear();
  }
}

function crash(error: unknown): void {
  throw error;
}
