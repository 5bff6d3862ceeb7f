import type { Failure } from '@aisle/std';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { World } from '../world/world.ts';
import { NetworkFailure } from './network-faults.ts';

/** A consumer as the broker knows it: it asks for one frame at a time. */
export interface Asker {
  readonly process: SimulatedProcess;
  readonly queue: string;
  /** Another number after each reconnect: what was sent to an older one is lost. */
  readonly connection: number;
  /** A frame left the broker for it. */
  popped(): void;
  /** That frame arrived, or is lost. */
  receive(frame: Uint8Array | undefined, connection: number): void;
}

interface Queue {
  frames: Uint8Array[];
  /** Those waiting for a frame, the longest waiting first. */
  readonly askers: Asker[];
  lastPushMs: number;
}

interface BrokerOptions {
  readonly world: World;
  readonly queueFramesMax: number;
  readonly queueExpiryMs: number;
  readonly travelMs: () => number;
  /** Whether the process gets what is sent to it. */
  readonly hears: (process: SimulatedProcess) => boolean;
}

/**
 * The queues themselves, and who waits at them. It notices nothing of a cut, but closes the connections of a
 * process that is dead.
 */
export class Broker {
  private readonly queues = new Map<string, Queue>();
  private backlog: (() => void)[] | undefined;

  constructor(private readonly options: BrokerOptions) {}

  get queued(): number {
    return [...this.queues.values()].reduce((sum, { frames }) => sum + frames.length, 0);
  }

  /** Lets a request in: now, or once the broker is no longer paused. */
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

  /** Why a push to this queue is refused, if it is. */
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

  ask(asker: Asker): void {
    const queue = this.queue(asker.queue);
    if (!queue.askers.includes(asker)) queue.askers.push(asker);
    this.deliver(queue);
  }

  /** Its connection is gone, or it takes no more. */
  forget(asker: Asker): void {
    const { askers } = this.queue(asker.queue);
    const at = askers.indexOf(asker);
    if (at >= 0) askers.splice(at, 1);
  }

  private deliver(queue: Queue): void {
    while (queue.frames.length > 0 && queue.askers.length > 0) {
      const asker = queue.askers.shift() as Asker;
      this.send(asker, queue.frames.shift() as Uint8Array);
    }
  }

  private send(asker: Asker, frame: Uint8Array): void {
    const { world, travelMs, hears } = this.options;
    const { connection, process } = asker;
    asker.popped();
    world.runtime.timers.after(travelMs(), () => {
      const arrives = process.alive && hears(process) && asker.connection === connection;
      if (!arrives) world.coverage.hit('network.popped frame lost');
      process.enter(() => asker.receive(arrives ? frame : undefined, connection));
    });
  }

  private queue(name: string): Queue {
    let queue = this.queues.get(name);
    if (!queue) {
      queue = { frames: [], askers: [], lastPushMs: 0 };
      this.queues.set(name, queue);
    }
    const isForgotten = this.options.world.nowMs - queue.lastPushMs > this.options.queueExpiryMs;
    if (isForgotten && queue.askers.length === 0) queue.frames = [];
    return queue;
  }
}
