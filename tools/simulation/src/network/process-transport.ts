import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { Asker } from './broker.ts';
import { NetworkFailure } from './network-faults.ts';

/** The way from a process to the broker. */
interface Line {
  push(queue: string, frame: Uint8Array): Promise<void>;
  /** Asks for one frame; nothing comes of it when the way is cut. */
  ask(consumer: Asker): void;
  forget(consumer: Asker): void;
}

/** What a consumer does with a frame, which is in flight until what this returns has settled. */
export type OnFrame = (frame: Uint8Array) => void | Promise<void>;

/** Structurally the `Transport` of `@aisle/broker`, for one process of the world. */
export class ProcessTransport {
  private readonly consumers = new Set<ProcessConsumer>();
  private readonly pushes = new Set<Promise<void>>();
  private isClosed = false;

  /** Made by `SimulatedNetwork.transport`. */
  constructor(
    readonly process: SimulatedProcess,
    private readonly line: Line,
  ) {}

  /**
   * Resolves once the frame is in the queue; rejects as `throttled`, and nobody gets it, or as `unavailable`,
   * and somebody still may.
   */
  async push(queue: string, frame: Uint8Array): Promise<void> {
    if (this.isClosed) throw NetworkFailure.closing();
    const pushed = this.line.push(queue, frame);
    this.pushes.add(pushed);
    try {
      await pushed;
    } finally {
      this.pushes.delete(pushed);
    }
  }

  /** Competes for the queue's frames, with at most `inFlightMax` (64) of them under way. */
  consume(queue: string, onFrame: OnFrame, options: { inFlightMax?: number } = {}): { stop(): Promise<void> } {
    const { process, line } = this;
    const consumer = new ProcessConsumer({ process, queue, line, onFrame, inFlightMax: options.inFlightMax ?? 64 });
    this.consumers.add(consumer);
    consumer.ask();
    return {
      stop: async () => {
        await consumer.stop();
        this.consumers.delete(consumer);
      },
    };
  }

  /** Stops every consumer, and waits for the pushes under way. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
    await Promise.allSettled(this.pushes);
  }

  /** The connection is made anew, as after a partition. */
  reconnect(): void {
    for (const consumer of this.consumers) consumer.reconnect();
  }

  /** The process is dead: the broker sees its connections end. */
  abandon(): void {
    for (const consumer of this.consumers) this.line.forget(consumer);
  }
}

interface ConsumerOptions {
  readonly process: SimulatedProcess;
  readonly queue: string;
  readonly line: Line;
  readonly onFrame: OnFrame;
  readonly inFlightMax: number;
}

class ProcessConsumer implements Asker {
  readonly process: SimulatedProcess;
  readonly queue: string;
  connection = 0;
  private isAsking = false;
  private isStopped = false;
  private onWire = 0;
  private inFlight = 0;
  private idle: (() => void)[] = [];

  constructor(private readonly options: ConsumerOptions) {
    this.process = options.process;
    this.queue = options.queue;
  }

  ask(): void {
    if (this.isAsking || this.isStopped || this.inFlight >= this.options.inFlightMax) return;
    this.isAsking = true;
    this.options.line.ask(this);
  }

  popped(): void {
    this.onWire += 1;
  }

  receive(frame: Uint8Array | undefined, connection: number): void {
    this.onWire -= 1;
    // A paused process may have reconnected since the frame came: then it was lost with the connection.
    if (frame && connection === this.connection) {
      this.isAsking = false;
      this.handle(this.options.onFrame(frame));
    }
    this.ask();
    this.settle();
  }

  reconnect(): void {
    this.options.line.forget(this);
    this.connection += 1;
    this.isAsking = false;
    // In the process, like all it does: a paused one connects when it is resumed.
    this.process.enter(() => this.ask());
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.options.line.forget(this);
    while (this.inFlight + this.onWire > 0) {
      await new Promise<void>((resolve) => void this.idle.push(resolve));
    }
  }

  private handle(work: void | Promise<void>): void {
    if (!work) return;
    this.inFlight += 1;
    void work.then(() => {
      this.inFlight -= 1;
      this.ask();
      this.settle();
    });
  }

  private settle(): void {
    if (this.inFlight + this.onWire === 0) for (const wake of this.idle.splice(0)) wake();
  }
}
