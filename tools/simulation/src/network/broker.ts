import type { Failure } from '@aisle/std';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { World } from '../world/world.ts';
import { NetworkFailure } from './network-faults.ts';

/** A consumer as the broker knows it. It asks for one frame at a time. */
export interface BrokerConsumer {
  readonly process: SimulatedProcess;
  readonly queue: string;
  /** The number of the connection, which changes with each reconnect. A frame that was sent to an older connection is lost. */
  readonly connection: number;
  /** Called when a frame has left the broker for this consumer. */
  popped(): void;
  /** Called when that frame has arrived, or with undefined when it is lost. */
  receive(frame: Uint8Array | undefined, connection: number): void;
}

interface Queue {
  frames: Uint8Array[];
  /** Consumers that wait for a frame, the longest waiting first. */
  readonly waiting: BrokerConsumer[];
  lastPushMs: number;
}

interface BrokerOptions {
  readonly world: World;
  readonly queueFramesMax: number;
  readonly queueExpiryMs: number;
  readonly travelMs: () => number;
  /** Whether frames from the broker reach the process. */
  readonly reaches: (process: SimulatedProcess) => boolean;
}

/** The queues and the consumers that wait at them. A partition is invisible to the broker; a dead process closes its connections. */
export class Broker {
  private readonly queues = new Map<string, Queue>();
  private backlog: (() => void)[] | undefined;

  constructor(private readonly options: BrokerOptions) {}

  get queued(): number {
    return [...this.queues.values()].reduce((sum, { frames }) => sum + frames.length, 0);
  }

  /** Handles a request now, or once the broker is no longer paused; in that case it calls `onWait` first. */
  enter(request: () => void, onWait?: () => void): void {
    if (!this.backlog) return request();
    onWait?.();
    this.backlog.push(request);
  }

  pause(): void {
    this.backlog ??= [];
  }

  resume(): void {
    const waiting = this.backlog ?? [];
    this.backlog = undefined;
    for (const request of waiting) request();
  }

  flush(): void {
    for (const queue of this.queues.values()) queue.frames = [];
  }

  /** The failure with which a push to this queue is refused, if it is full. */
  refusal(name: string): Failure | undefined {
    const { queueFramesMax } = this.options;
    return this.queue(name).frames.length >= queueFramesMax ? NetworkFailure.queueFull(queueFramesMax) : undefined;
  }

  push(name: string, frame: Uint8Array): void {
    const queue = this.queue(name);
    queue.frames.push(frame);
    queue.lastPushMs = this.options.world.nowMs;
    this.deliver(queue);
  }

  ask(consumer: BrokerConsumer): void {
    const queue = this.queue(consumer.queue);
    if (!queue.waiting.includes(consumer)) queue.waiting.push(consumer);
    this.deliver(queue);
  }

  /** Removes a consumer whose connection is gone or that takes no more frames. */
  forget(consumer: BrokerConsumer): void {
    const { waiting } = this.queue(consumer.queue);
    const at = waiting.indexOf(consumer);
    if (at >= 0) waiting.splice(at, 1);
  }

  private deliver(queue: Queue): void {
    while (queue.frames.length > 0 && queue.waiting.length > 0) {
      const consumer = queue.waiting.shift() as BrokerConsumer;
      this.send(consumer, queue.frames.shift() as Uint8Array);
    }
  }

  private send(consumer: BrokerConsumer, frame: Uint8Array): void {
    const { world, travelMs, reaches } = this.options;
    const { connection, process } = consumer;
    consumer.popped();
    world.runtime.timers.after(travelMs(), () => {
      const arrives = process.alive && reaches(process) && consumer.connection === connection;
      if (!arrives) world.coverage.hit('network.popped frame lost');
      process.enter(() => consumer.receive(arrives ? frame : undefined, connection));
    });
  }

  private queue(name: string): Queue {
    let queue = this.queues.get(name);
    if (!queue) {
      queue = { frames: [], waiting: [], lastPushMs: 0 };
      this.queues.set(name, queue);
    }
    const isExpired = this.options.world.nowMs - queue.lastPushMs > this.options.queueExpiryMs;
    if (isExpired && queue.waiting.length === 0) queue.frames = [];
    return queue;
  }
}
