import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { BrokerConsumer } from './broker.ts';
import { NetworkFailure } from './network-faults.ts';

/** The connection of a process to the broker. */
interface BrokerLink {
  push(queue: string, frame: Uint8Array): Promise<void>;
  /** Asks for one frame; the request is lost in a partition. */
  ask(consumer: BrokerConsumer): void;
  forget(consumer: BrokerConsumer): void;
}

/** Handles a frame. The frame is in flight until the returned promise settles. */
export type OnFrame = (frame: Uint8Array) => void | Promise<void>;

/** The transport of one process of the world, with the shape of the `Transport` of `@aisle/broker`. */
export class ProcessTransport {
  private readonly consumers = new Set<ProcessConsumer>();
  private readonly pushes = new Set<Promise<void>>();
  private isClosed = false;

  /** Called by `SimulatedNetwork.transport`. */
  constructor(
    readonly process: SimulatedProcess,
    private readonly link: BrokerLink,
  ) {}

  /**
   * Resolves once the frame is in the queue. Rejects as `throttled` if the frame is not delivered, or as `unavailable` if it may
   * still be delivered.
   */
  async push(queue: string, frame: Uint8Array): Promise<void> {
    if (this.isClosed) throw NetworkFailure.closing();
    const pushed = this.link.push(queue, frame);
    this.pushes.add(pushed);
    try {
      await pushed;
    } finally {
      this.pushes.delete(pushed);
    }
  }

  /** Competes for the queue's frames, with at most `inFlightMax` of them in flight; 64 unless given. */
  consume(queue: string, onFrame: OnFrame, options: { inFlightMax?: number } = {}): { stop(): Promise<void> } {
    const { process, link } = this;
    const consumer = new ProcessConsumer({ process, queue, link, onFrame, inFlightMax: options.inFlightMax ?? 64 });
    this.consumers.add(consumer);
    consumer.ask();
    return {
      stop: async () => {
        await consumer.stop();
        this.consumers.delete(consumer);
      },
    };
  }

  /** Stops every consumer, and waits for open pushes. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
    await Promise.allSettled(this.pushes);
  }

  /** Reconnects every consumer, as after a partition. */
  reconnect(): void {
    for (const consumer of this.consumers) consumer.reconnect();
  }

  /** Closes the broker's connections to a dead process. */
  abandon(): void {
    for (const consumer of this.consumers) this.link.forget(consumer);
  }
}

interface ConsumerOptions {
  readonly process: SimulatedProcess;
  readonly queue: string;
  readonly link: BrokerLink;
  readonly onFrame: OnFrame;
  readonly inFlightMax: number;
}

class ProcessConsumer implements BrokerConsumer {
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
    this.options.link.ask(this);
  }

  popped(): void {
    this.onWire += 1;
  }

  receive(frame: Uint8Array | undefined, connection: number): void {
    this.onWire -= 1;
    // A paused process may have reconnected since the frame arrived. Then the frame was lost with the old connection.
    if (frame && connection === this.connection) {
      this.isAsking = false;
      this.handle(this.options.onFrame(frame));
    }
    this.ask();
    this.settle();
  }

  reconnect(): void {
    this.options.link.forget(this);
    this.connection += 1;
    this.isAsking = false;
    // A paused process connects when it is resumed.
    this.process.enter(() => this.ask());
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.options.link.forget(this);
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
