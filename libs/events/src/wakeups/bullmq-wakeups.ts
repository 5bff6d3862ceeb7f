import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Sweeper } from './wakeups.ts';
import type { Due, Wakeups, WakeupsOptions } from './wakeups.ts';

/** What wake-ups over BullMQ are made of. */
export interface BullmqWakeupsOptions extends WakeupsOptions {
  readonly redisUrl: string;
  /** Keeps two systems on one Redis apart. */
  readonly keyPrefix: string;
  /** Names what is woken for; processes with the same name share its wake-ups. */
  readonly name: string;
}

/** Jobs in work at once: what becomes due together reaches the handler together. */
const CONCURRENCY = 200;
const BATCH_MAX = 200;

interface Waiting {
  readonly id: string;
  readonly done: () => void;
}

/** Wake-ups by delayed jobs of BullMQ: any process of the name is woken, and a flushed Redis loses only time. */
export class BullmqWakeups implements Wakeups {
  private readonly connections: readonly Redis[];
  private readonly queue: Queue<{ id: string }>;
  private readonly worker: Worker<{ id: string }>;
  private readonly sweeper: Sweeper;
  private waiting: Waiting[] = [];

  constructor(private readonly options: BullmqWakeupsOptions) {
    const prefix = `${options.keyPrefix}wakeups`;
    const failed = (error: unknown): void => options.onFailed?.(error);
    const [adding, blocking] = [this.connect(), this.connect()];
    this.connections = [adding, blocking];
    this.queue = new Queue(options.name, {
      prefix,
      connection: adding,
      defaultJobOptions: {
        // Gone when done, whatever came of it: the row is the truth, and the id is free for the sweep.
        removeOnComplete: true,
        removeOnFail: true,
      },
    });
    this.worker = new Worker(options.name, ({ data }) => this.isDue(data.id), {
      prefix,
      connection: blocking,
      concurrency: CONCURRENCY,
      // After a flush it may have nothing to wait for; it looks again this many seconds later.
      drainDelay: 1,
    });
    this.queue.on('error', failed);
    this.worker.on('error', failed);
    this.sweeper = new Sweeper(options, (due) => this.schedule(due));
  }

  async schedule(due: readonly Due[]): Promise<void> {
    if (due.length === 0) return;
    const nowMs = this.options.runtime.clock.nowMs();
    await this.queue.addBulk(
      due.map(({ id, dueAtMs }) => ({
        name: 'due',
        data: { id },
        // A job of that id that is there already stays as it is. BullMQ allows no colon, and no bare number.
        opts: { jobId: `due-${encodeURIComponent(id)}`, delay: Math.max(0, dueAtMs - nowMs) },
      })),
    );
  }

  async close(): Promise<void> {
    await this.sweeper.close();
    await this.worker.close();
    await this.queue.close();
    for (const connection of this.connections) connection.disconnect();
  }

  private connect(): Redis {
    // BullMQ waits for an answer for as long as it takes, and cuts in itself.
    const redis = new Redis(this.options.redisUrl, {
      connectionName: `aisle-wakeups-${this.options.name}`,
      maxRetriesPerRequest: null,
      retryStrategy: (attempt) => Math.min(attempt * 50, 500),
      disconnectTimeout: 200,
    });
    redis.on('error', () => {});
    return redis;
  }

  /** A job that is due waits for the turn's others; they are handed over together. */
  private isDue(id: string): Promise<void> {
    return new Promise((done) => {
      if (this.waiting.length === 0) this.options.runtime.timers.after(1, () => void this.handOver());
      this.waiting.push({ id, done });
    });
  }

  private async handOver(): Promise<void> {
    const all = this.waiting;
    this.waiting = [];
    for (let first = 0; first < all.length; first += BATCH_MAX) {
      const batch = all.slice(first, first + BATCH_MAX);
      try {
        await this.options.onDue([...new Set(batch.map(({ id }) => id))]);
      } catch (error) {
        // The job is done all the same: the sweep makes another one of what the rows still say is due.
        this.options.onFailed?.(error);
      }
      for (const { done } of batch) done();
    }
  }
}
