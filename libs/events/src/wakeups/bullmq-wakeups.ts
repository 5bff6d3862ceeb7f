import { connectRedis } from '@aisle/broker';
import type { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { DueRows } from './due-rows.ts';
import { Slots } from './slots.ts';
import type { Due, Wakeups, WakeupsOptions } from './wakeups.ts';

/** The options of wake-ups over BullMQ. */
export interface BullmqWakeupsOptions extends WakeupsOptions {
  readonly redisUrl: string;
  /** Separates two systems on one Redis. */
  readonly keyPrefix: string;
  /** The name of the wake-ups. Processes with the same name share them. */
  readonly name: string;
}

/**
 * Wake-ups by delayed jobs of BullMQ, one for each slot of time with due rows. It wakes one process of the name, which
 * then reads the rows. A job for each row would cost more than handling the row.
 */
export class BullmqWakeups implements Wakeups {
  private readonly connections: readonly Redis[];
  private readonly opened: Promise<{ readonly queue: Queue; readonly worker: Worker }>;
  private readonly slots: Slots;
  private readonly rows: DueRows;

  constructor(private readonly options: BullmqWakeupsOptions) {
    const [adding, blocking] = [this.connect(), this.connect()];
    this.connections = [adding, blocking];
    this.slots = new Slots(options);
    this.rows = new DueRows(options);
    this.opened = this.open(adding, blocking);
  }

  async schedule(due: readonly Due[]): Promise<void> {
    const slots = this.slots.take(due);
    if (slots.length === 0) return;
    try {
      const { queue } = await this.opened;
      await queue.addBulk(
        // An existing job with this id stays as it is.
        slots.map(({ slot, delayMs }) => ({ name: 'slot', data: {}, opts: { jobId: `slot-${slot}`, delay: delayMs } })),
      );
    } catch (error) {
      this.slots.giveBack(slots);
      throw error;
    }
  }

  async close(): Promise<void> {
    const { queue, worker } = await this.opened;
    await worker.close();
    await this.rows.close();
    await queue.close();
    for (const connection of this.connections) connection.disconnect();
  }

  // BullMQ takes almost half a second to load, and most processes schedule no wake-ups.
  private async open(adding: Redis, blocking: Redis): Promise<{ queue: Queue; worker: Worker }> {
    const { keyPrefix, name, onFailed } = this.options;
    const { Queue, Worker } = await import('./bullmq.ts');
    const prefix = `${keyPrefix}wakeups`;
    const queue = new Queue(name, {
      prefix,
      connection: adding,
      // Removed when done, whatever the result, because the rows are the truth.
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    const worker = new Worker(name, async () => this.rows.wake(), {
      prefix,
      connection: blocking,
      // After a flush it may have nothing to wait for; it checks again after this many seconds.
      drainDelay: 1,
    });
    queue.on('error', (error) => onFailed?.(error));
    worker.on('error', (error) => onFailed?.(error));
    return { queue, worker };
  }

  private connect(): Redis {
    // Without timeouts: BullMQ waits for its answers without limit.
    return connectRedis({ url: this.options.redisUrl, namePrefix: 'aisle-wakeups-' }, this.options.name);
  }
}
