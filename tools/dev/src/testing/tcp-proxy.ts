import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** The affected direction: the client's data, the server's data, or both. */
export type Direction = 'to-server' | 'to-client' | 'both';

/** A proxy between a client and a server on loopback, which injects faults. */
export class TcpProxy {
  private readonly streams = new Set<Stream>();
  private readonly server: Server;
  private port = 0;
  private blocked: Direction | undefined;
  private delayMs = 0;
  private bytesLeft = Infinity;

  constructor(private readonly target: URL) {
    this.server = createServer((client) => this.join(client));
  }

  /** The address to connect to instead. */
  get url(): string {
    const here = { hostname: '127.0.0.1', port: String(this.port) };
    return Object.assign(new URL(this.target), here).href;
  }

  /** Listens; after `close` on the same port again. */
  async open(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    ({ port: this.port } = this.server.address() as AddressInfo);
  }

  /** Ends every connection with all data in flight. New ones go through. */
  cut(): void {
    for (const stream of this.streams) stream.destroy();
  }

  /** Ends every connection after this many more bytes to the client, in the middle of anything. */
  cutAfter(bytes: number): void {
    this.bytesLeft = bytes;
  }

  /** Drops all data silently. Later connections are unaffected. */
  silence(): void {
    for (const stream of this.streams) stream.hold();
  }

  /** Holds back data in that direction, on new connections too, like a network partition. */
  block(direction: Direction): void {
    this.blocked = direction;
    this.update();
  }

  /** Ends `block` and `delay`, and releases the held data. */
  unblock(): void {
    this.blocked = undefined;
    this.delayMs = 0;
    this.update();
  }

  /** Delays all data in both directions by this time. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** Accepts connections and never answers, like a paused server; `heal` ends it. */
  pause(): void {
    this.block('both');
  }

  /** Ends every fault, and every connection with it. */
  heal(): void {
    this.bytesLeft = Infinity;
    this.cut();
    this.unblock();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const server = connect(Number(this.target.port || 6379), this.target.hostname);
    this.stream({ from: client, to: server, direction: 'to-server', pass: (chunk) => chunk });
    this.stream({ from: server, to: client, direction: 'to-client', pass: (chunk) => this.withinBudget(chunk) });
  }

  private stream(options: StreamOptions): void {
    const { from, to, direction } = options;
    const stream = new Stream(options, () => this.delayMs);
    this.streams.add(stream);
    from.on('error', () => {});
    from.on('close', () => {
      this.streams.delete(stream);
      to.destroy();
    });
    stream.block(this.isBlocked(direction));
  }

  private isBlocked(direction: Direction): boolean {
    return this.blocked === 'both' || this.blocked === direction;
  }

  private update(): void {
    for (const stream of this.streams) stream.block(this.isBlocked(stream.direction));
  }

  private withinBudget(chunk: Buffer): Buffer {
    if (chunk.length < this.bytesLeft) {
      this.bytesLeft -= chunk.length;
      return chunk;
    }
    const last = chunk.subarray(0, this.bytesLeft);
    this.bytesLeft = Infinity;
    // Written data leaves first.
    setImmediate(() => this.cut());
    return last;
  }
}

interface StreamOptions {
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: Direction;
  /** The part of a chunk that is passed on. */
  readonly pass: (chunk: Buffer) => Buffer;
}

/** One direction of one connection. */
class Stream {
  readonly direction: Direction;
  private readonly from: Socket;
  private readonly to: Socket;
  private isHeld = false;
  private isBlocked = false;
  private isFull = false;
  /** Delayed chunks, with the time of the last one: the next chunk must not overtake it. */
  private readonly delayed: Buffer[] = [];
  private delayedUntilMs = 0;

  constructor({ from, to, direction, pass }: StreamOptions, private readonly delayMs: () => number) {
    this.direction = direction;
    this.from = from;
    this.to = to;
    from.on('data', (chunk: Buffer) => this.send(pass(chunk)));
    to.on('drain', () => {
      this.isFull = false;
      this.update();
    });
  }

  /** Permanently. */
  hold(): void {
    this.isHeld = true;
    this.update();
  }

  block(isBlocked: boolean): void {
    this.isBlocked = isBlocked;
    this.update();
  }

  destroy(): void {
    this.from.destroy();
  }

  private send(chunk: Buffer): void {
    const nowMs = Date.now();
    const delayMs = Math.max(this.delayMs(), this.delayedUntilMs - nowMs);
    if (delayMs <= 0 && this.delayed.length === 0) return this.write(chunk);
    this.delayedUntilMs = nowMs + delayMs;
    this.delayed.push(chunk);
    setTimeout(() => this.write(this.delayed.shift() as Buffer), delayMs);
  }

  private write(chunk: Buffer): void {
    if (this.to.destroyed) return;
    this.isFull = !this.to.write(chunk);
    this.update();
  }

  private update(): void {
    if (this.isHeld || this.isBlocked || this.isFull) this.from.pause();
    else this.from.resume();
  }
}
