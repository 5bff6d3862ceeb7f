import { sleep, uuidv7 } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import type { Batch, Consumer, Kafka } from 'kafkajs';
import type { Entry, SubscribeOptions, Subscription } from '../backbone/backbone.ts';
import { bodyFrom } from '../storable-text.ts';

/** The options of a reader. */
export interface KafkaReaderOptions {
  readonly kafka: Kafka;
  readonly consumer: string;
  readonly topic: string;
  readonly partitions: number;
  readonly runtime: Runtime;
  /** Resolves once the topic exists. */
  readonly ready: () => Promise<void>;
  readonly onRefused: (error: unknown) => void;
}

interface Reading {
  readonly options: SubscribeOptions;
  /** The next wanted offset. */
  offset: string;
  giving: Promise<void> | undefined;
}

const EARLIEST = '-2';
const RETRY_MS = 500;

/**
 * Reads partitions of one topic for one consumer. kafkajs can read only in a group, so it is the only member of a group
 * of its own and has all partitions; the ones without a subscription are paused. Our own leases and checkpoints decide
 * about partitions and positions, and no offset is ever committed to Kafka.
 */
export class KafkaReader {
  private readonly readings = new Map<number, Reading>();
  /** The running consumer. */
  private kafkaConsumer: Consumer | undefined;
  private isClosed = false;
  private started: Promise<void>;

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
    await this.started;
    const running = this.kafkaConsumer;
    this.kafkaConsumer = undefined;
    await running?.disconnect().catch(() => {});
  }

  /** Tries until a consumer runs. */
  private async start(): Promise<void> {
    while (!this.isClosed) {
      try {
        await this.options.ready();
        if (!this.isClosed) await this.run();
        return;
      } catch (error) {
        if (!this.isClosed) this.options.onRefused(error);
        await sleep(this.options.runtime, RETRY_MS);
      }
    }
  }

  private async run(): Promise<void> {
    const { kafka, consumer, topic, partitions, runtime, onRefused } = this.options;
    const kafkaConsumer = kafka.consumer({
      groupId: `aisle-${consumer}-${uuidv7(runtime)}`,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 500,
      // Restarts are made here, with a new consumer.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5, restartOnFailure: async () => false },
    });
    let crash: Error | undefined;
    kafkaConsumer.on('consumer.crash', ({ payload: { error } }) => {
      crash = error;
      if (this.kafkaConsumer !== kafkaConsumer) return;
      onRefused(error);
      this.started = this.restart(kafkaConsumer);
    });
    // A new generation forgets its position.
    kafkaConsumer.on('consumer.group_join', () => this.aimAll());
    try {
      await kafkaConsumer.connect();
      await kafkaConsumer.subscribe({ topics: [topic], fromBeginning: true });
      await kafkaConsumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: partitions,
        eachBatch: async ({ batch, resolveOffset }) => {
          if (this.take(batch)) resolveOffset(batch.lastOffset());
        },
      });
      if (crash) throw crash;
    } catch (error) {
      await kafkaConsumer.disconnect().catch(() => {});
      throw error;
    }
    this.kafkaConsumer = kafkaConsumer;
    this.aimAll();
  }

  private async restart(crashed: Consumer): Promise<void> {
    this.kafkaConsumer = undefined;
    await crashed.disconnect().catch(() => {});
    await sleep(this.options.runtime, RETRY_MS);
    await this.start();
  }

  private aimAll(): void {
    for (let partition = 0; partition < this.options.partitions; partition += 1) this.aim(partition);
  }

  /** Makes kafkajs fetch from the wanted position, or not at all. */
  private aim(partition: number): void {
    const { topic } = this.options;
    if (!this.kafkaConsumer) return;
    const reading = this.readings.get(partition);
    if (!reading || reading.giving) return this.kafkaConsumer.pause([{ topic, partitions: [partition] }]);
    this.kafkaConsumer.seek({ topic, partition, offset: reading.offset });
    this.kafkaConsumer.resume([{ topic, partitions: [partition] }]);
  }

  /** True if the batch was delivered; false if it was not the wanted one. */
  private take(batch: Batch): boolean {
    const reading = this.readings.get(batch.partition);
    // Before the consumer is registered here it does not have its position.
    if (!this.kafkaConsumer || !reading || reading.giving) {
      this.aim(batch.partition);
      return false;
    }
    reading.offset = String(BigInt(batch.lastOffset()) + 1n);
    const entries = batch.messages.map(({ offset, value, headers }): Entry => ({
      position: Number(headers?.['position']?.toString()),
      ...bodyFrom(value ?? Buffer.alloc(0)),
      seal: headers?.['seal']?.toString(),
      resumeAt: offset,
    }));
    // Entries of foreign writers have no position.
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
