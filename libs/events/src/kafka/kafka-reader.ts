import { sleep, uuidv7 } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import type { Batch, Consumer, Kafka } from 'kafkajs';
import type { Entry, SubscribeOptions, Subscription } from '../backbone/backbone.ts';

/** What a reader is made of. */
export interface KafkaReaderOptions {
  readonly kafka: Kafka;
  readonly consumer: string;
  readonly topic: string;
  readonly partitions: number;
  readonly runtime: Runtime;
  /** Resolves once the topic is there. */
  readonly ready: () => Promise<void>;
  readonly onRefused: (error: unknown) => void;
}

interface Reading {
  readonly options: SubscribeOptions;
  /** The next offset that is wanted. */
  offset: string;
  giving: Promise<void> | undefined;
}

const EARLIEST = '-2';
const RETRY_MS = 500;

/**
 * Reads partitions of one topic for one consumer. kafkajs knows no reading without a group, so it is the only member of
 * a group of its own, and has all partitions; those that are not subscribed to are paused. Who reads which, and from
 * where, our own leases and checkpoints say; to Kafka no offset is ever committed.
 */
export class KafkaReader {
  private readonly readings = new Map<number, Reading>();
  private kafkaConsumer: Consumer | undefined;
  private isRunning = false;
  private isClosed = false;
  private readonly started: Promise<void>;

  constructor(private readonly options: KafkaReaderOptions) {
    this.started = this.start();
  }

  add(options: SubscribeOptions): Subscription {
    const reading: Reading = { options, offset: options.resumeAt ?? EARLIEST, giving: undefined };
    this.readings.set(options.partition, reading);
    this.aim(options.partition);
    return {
      stop: async () => {
        if (this.readings.get(options.partition) === reading) {
          this.readings.delete(options.partition);
          this.aim(options.partition);
        }
        await reading.giving;
      },
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.isRunning = false;
    await this.started;
    await this.kafkaConsumer?.disconnect().catch(() => {});
  }

  private async start(): Promise<void> {
    const { kafka, consumer, topic, partitions, runtime, ready, onRefused } = this.options;
    while (!this.isClosed) {
      const kafkaConsumer = kafka.consumer({
        groupId: `aisle-${consumer}-${uuidv7(runtime)}`,
        allowAutoTopicCreation: false,
        maxWaitTimeInMs: 500,
        // Begun anew here, with a consumer that remembers nothing.
        retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5, restartOnFailure: async () => false },
      });
      this.kafkaConsumer = kafkaConsumer;
      try {
        await ready();
        if (this.isClosed) return;
        kafkaConsumer.on('consumer.crash', ({ payload: { error } }) => {
          onRefused(error);
          void this.restart(kafkaConsumer);
        });
        // A new generation forgets where it was.
        kafkaConsumer.on('consumer.group_join', () => this.aimAll());
        await kafkaConsumer.connect();
        await kafkaConsumer.subscribe({ topics: [topic], fromBeginning: true });
        await kafkaConsumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: partitions,
          eachBatch: async ({ batch, resolveOffset }) => {
            if (this.isRunning && this.take(batch)) resolveOffset(batch.lastOffset());
          },
        });
        this.isRunning = true;
        this.aimAll();
        return;
      } catch (error) {
        if (!this.isClosed) onRefused(error);
        await kafkaConsumer.disconnect().catch(() => {});
        await sleep(runtime, RETRY_MS);
      }
    }
  }

  private async restart(crashed: Consumer): Promise<void> {
    this.isRunning = false;
    await crashed.disconnect().catch(() => {});
    await sleep(this.options.runtime, RETRY_MS);
    if (!this.isClosed) await this.start();
  }

  private aimAll(): void {
    for (let partition = 0; partition < this.options.partitions; partition += 1) this.aim(partition);
  }

  /** Has kafkajs fetch from where it is wanted, or nothing. */
  private aim(partition: number): void {
    const { topic } = this.options;
    if (!this.isRunning || !this.kafkaConsumer) return;
    const reading = this.readings.get(partition);
    if (!reading || reading.giving) return this.kafkaConsumer.pause([{ topic, partitions: [partition] }]);
    this.kafkaConsumer.seek({ topic, partition, offset: reading.offset });
    this.kafkaConsumer.resume([{ topic, partitions: [partition] }]);
  }

  /** True when the batch was given out; it is not when it is not what was wanted. */
  private take(batch: Batch): boolean {
    const reading = this.readings.get(batch.partition);
    if (!reading || reading.giving) {
      this.aim(batch.partition);
      return false;
    }
    reading.offset = String(BigInt(batch.lastOffset()) + 1n);
    const entries = batch.messages.map(({ offset, value, headers }): Entry => ({
      position: Number(headers?.['position']?.toString()),
      body: value?.toString() ?? '',
      resumeAt: offset,
    }));
    // What somebody else wrote to the topic has no position.
    const given = reading.options.onEntries(entries.filter(({ position }) => position > 0));
    if (given === undefined) return true;
    reading.giving = given.finally(() => {
      reading.giving = undefined;
      this.aim(batch.partition);
    });
    this.aim(batch.partition);
    return true;
  }
}
