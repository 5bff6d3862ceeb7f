import type { Runtime, Timer } from '@aisle/std';

import { BrokerFailure } from '../failures.ts';
import { InFlight } from '../in-flight.ts';
import { TRANSPORT_DEFAULTS } from './transport.ts';
import type { ConsumeOptions, Consumer, OnFrame, Transport } from './transport.ts';

/** The bounds of the queues; by default those of the Redis transport. */
export interface MemoryTransportOptions {
  runtime: Runtime;
  /** A push to a queue of this length is refused. */
  queueFramesMax?: number;
  /** A queue without a consumer is dropped this long after its last push. */
  queueExpiryMs?: number;
}

/** A transport within one process: for one-process mode, and for the simulator's virtual time. */
export function createMemoryTransport(options: MemoryTransportOptions): Transport {
  return new MemoryTransport({ ...TRANSPORT_DEFAULTS, ...options });
}

interface MemoryConsumer extends Consumer {
  readonly onFrame: OnFrame;
  readonly inFlight: InFlight;
}

interface Queue {
  readonly name: string;
  readonly frames: Uint8Array[];
  /** In round-robin order. */
  readonly consumers: MemoryConsumer[];
  expiry?: Timer;
  isDeliveryDue: boolean;
}

class MemoryTransport implements Transport {
  private readonly queues = new Map<string, Queue>();
  private closed = false;

  constructor(private readonly options: Required<MemoryTransportOptions>) {}

  async push(name: string, frame: Uint8Array): Promise<void> {
    if (this.closed) throw BrokerFailure.closing();
    const queue = this.queue(name);
    if (queue.frames.length >= this.options.queueFramesMax) {
      throw BrokerFailure.queueFull(this.options.queueFramesMax);
    }
    queue.frames.push(frame);
    if (queue.consumers.length === 0) this.expire(queue);
    this.deliverSoon(queue);
  }

  consume(name: string, onFrame: OnFrame, options: ConsumeOptions = {}): Consumer {
    const queue = this.queue(name);
    queue.expiry?.cancel();
    const inFlight = new InFlight(options.inFlightMax ?? TRANSPORT_DEFAULTS.inFlightMax);
    const consumer: MemoryConsumer = {
      onFrame,
      inFlight,
      stop: async () => {
        remove(queue.consumers, consumer);
        if (queue.consumers.length === 0) this.expire(queue);
        await inFlight.isIdle();
      },
    };
    queue.consumers.push(consumer);
    this.deliverSoon(queue);
    return consumer;
  }

  async close(): Promise<void> {
    this.closed = true;
    const queues = [...this.queues.values()];
    await Promise.all(queues.flatMap(({ consumers }) => [...consumers].map((each) => each.stop())));
    for (const { expiry } of queues) expiry?.cancel();
    this.queues.clear();
  }

  private queue(name: string): Queue {
    let queue = this.queues.get(name);
    if (!queue) {
      queue = { name, frames: [], consumers: [], isDeliveryDue: false };
      this.queues.set(name, queue);
    }
    return queue;
  }

  private expire(queue: Queue): void {
    queue.expiry?.cancel();
    // A consumer may be stopped a second time, when its queue is gone and another has the name.
    if (this.queues.get(queue.name) !== queue) return;
    const { runtime, queueExpiryMs } = this.options;
    const drop = (): void => void this.queues.delete(queue.name);
    queue.expiry = runtime.timers.after(queueExpiryMs, drop, { background: true });
  }

  // Never deliver inside a push: a consumer that pushes would recurse without end.
  private deliverSoon(queue: Queue): void {
    if (queue.isDeliveryDue || queue.frames.length === 0) return;
    queue.isDeliveryDue = true;
    this.options.runtime.defer(() => {
      queue.isDeliveryDue = false;
      for (let next = nextConsumer(queue); next; next = nextConsumer(queue)) {
        this.deliver(queue, next);
      }
    });
  }

  private deliver(queue: Queue, { onFrame, inFlight }: MemoryConsumer): void {
    const handled = onFrame(queue.frames.shift() as Uint8Array);
    inFlight.track(handled);
    if (inFlight.room === 0) void inFlight.hasRoom().then(() => this.deliverSoon(queue));
  }
}

/** The consumer to be served next: the one with room that has waited longest. Undefined without frames. */
function nextConsumer({ frames, consumers }: Queue): MemoryConsumer | undefined {
  if (frames.length === 0) return undefined;
  const next = consumers.find(({ inFlight }) => inFlight.room > 0);
  if (next && consumers.length > 1) {
    remove(consumers, next);
    consumers.push(next);
  }
  return next;
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
