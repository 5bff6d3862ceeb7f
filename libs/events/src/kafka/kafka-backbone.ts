import type { Runtime } from '@aisle/std';
import type kafkajs from 'kafkajs';
import type { Admin, Kafka, Producer } from 'kafkajs';
import type {
  Backbone, BackboneEvent, Entry, Publication, SubscribeOptions, Subscription,
} from '../backbone/backbone.ts';
import { KafkaReader } from './kafka-reader.ts';

/** The options of the Kafka backbone. */
export interface KafkaBackboneOptions {
  /** `host:port` of one or several brokers. */
  readonly brokers: readonly string[];
  /** The prefix of every topic's name, for two systems on one Kafka; empty by default. */
  readonly topicPrefix?: string | undefined;
  readonly runtime: Runtime;
  /** The partitions of a topic that has to be created; 4 by default. */
  readonly partitions?: number | undefined;
  readonly onEvent?: ((event: BackboneEvent) => void) | undefined;
}

type KeyedEntry = Publication['entries'][number];

interface Produced {
  readonly position: number;
  readonly offset: bigint;
}

// Below the 1 MiB that a broker accepts by default.
const BATCH_BYTES = 512 * 1_024;

/**
 * One Kafka topic per topic. The relay's own hash chooses the partition, key and JSON are readable by any tool, and
 * headers have the position and seal. It is meant for a Kafka that keeps its data. If it loses some, consumers notice,
 * and the outbox has it.
 */
export class KafkaBackbone implements Backbone {
  readonly partitions: number;
  readonly isShared = true;
  private readonly kafka: Kafka;
  private readonly producer: Producer;
  private admin: Admin;
  private readonly topics = new Map<string, Promise<void>>();
  private readonly readers = new Map<string, KafkaReader>();
  private readonly produced = new Map<string, Produced>();
  private connecting: Promise<unknown> | undefined;
  private isClosed = false;

  /** Loads kafkajs, which takes a quarter of a second, without connecting. */
  static async open(options: KafkaBackboneOptions): Promise<KafkaBackbone> {
    return new KafkaBackbone(options, (await import('kafkajs')).default);
  }

  private constructor(private readonly options: KafkaBackboneOptions, { Kafka: Client, Partitioners, logLevel }: typeof kafkajs) {
    this.partitions = options.partitions ?? 4;
    this.kafka = new Client({
      clientId: 'aisle',
      brokers: [...options.brokers],
      connectionTimeout: 3_000,
      requestTimeout: 10_000,
      // Later attempts are made by this class, or by its caller.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
      // Every refusal is reported by our own event; kafkajs would print it.
      logLevel: logLevel.NOTHING,
    });
    this.producer = this.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    this.admin = this.kafka.admin();
  }

  async publish(publications: readonly Publication[]): Promise<number[]> {
    await Promise.all([...new Set(publications.map(({ topic }) => topic))].map((topic) => this.ready(topic)));
    const left = publications.map(({ topic, partition, entries }) => ({ topic, partition, slices: slicesOf(entries) }));
    while (left.some(({ slices }) => slices.length > 0)) await this.send(left);
    return publications.map(({ entries }) => entries.at(-1)?.position ?? 0);
  }

  /** The positions that this process has produced, as long as Kafka still has them. */
  async tails(topic: string): Promise<(number | undefined)[]> {
    const partitions = Array.from({ length: this.partitions }, (_, partition) => partition);
    if (!partitions.some((partition) => this.produced.has(`${topic}/${partition}`))) {
      return partitions.map(() => undefined);
    }
    await this.ready(topic);
    const ends = new Map(
      (await this.asking(topic, () => this.admin.fetchTopicOffsets(this.nameOf(topic)))).map(
        ({ partition, high }) => [partition, BigInt(high)],
      ),
    );
    return partitions.map((partition) => {
      const last = this.produced.get(`${topic}/${partition}`);
      const end = ends.get(partition);
      if (!last || end === undefined) return undefined;
      return end > last.offset ? last.position : 0;
    });
  }

  /** Nothing to do: events that are published again stand behind the gap, and consumers go on there. */
  async reset(): Promise<void> {}

  /** Nothing to do: Kafka has a retention of its own. */
  async trim(): Promise<void> {}

  subscribe(options: SubscribeOptions): Subscription {
    const { consumer, topic } = options;
    const name = `${consumer}/${topic}`;
    let reader = this.readers.get(name);
    if (!reader) {
      reader = new KafkaReader({
        kafka: this.kafka,
        consumer,
        topic: this.nameOf(topic),
        partitions: this.partitions,
        runtime: this.options.runtime,
        ready: () => this.ready(topic),
        onRefused: (error) => this.refused(`read-${name}`, error),
      });
      this.readers.set(name, reader);
    }
    return reader.add(options);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.readers.values()].map((reader) => reader.close()));
    await this.connecting?.catch(() => {});
    await Promise.all([this.producer.disconnect(), this.admin.disconnect()]);
  }

  /** Sends the next slice of each partition. */
  private async send(left: readonly { topic: string; partition: number; slices: KeyedEntry[][] }[]): Promise<void> {
    const sending = left.filter(({ slices }) => slices.length > 0);
    const topicMessages = sending.map(({ topic, partition, slices }) => ({
      topic: this.nameOf(topic),
      messages: (slices[0] as KeyedEntry[]).map(({ key, body, position, seal = '' }) => ({
        key, value: body, partition, headers: { position: String(position), seal },
      })),
    }));
    const answers = await this.asking(undefined, () => this.producer.sendBatch({ acks: -1, topicMessages }));
    for (const { topic, partition, slices } of sending) {
      const entries = slices.shift() as KeyedEntry[];
      const answer = answers.find((one) => one.topicName === this.nameOf(topic) && one.partition === partition);
      const position = (entries.at(-1) as Entry).position;
      const offset = BigInt(answer?.baseOffset ?? -1) + BigInt(entries.length) - 1n;
      this.produced.set(`${topic}/${partition}`, { position, offset });
    }
  }

  /** Resolves once the topic exists with all its partitions. */
  private async ready(topic: string): Promise<void> {
    let ready = this.topics.get(topic);
    if (!ready) this.topics.set(topic, (ready = this.make(topic)));
    try {
      await ready;
    } catch (error) {
      this.topics.delete(topic);
      throw error;
    }
  }

  private async make(topic: string): Promise<void> {
    const name = this.nameOf(topic);
    await this.connect();
    // A separate client: kafkajs asks for every topic that a client ever named, and fails if one of them is gone.
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      if (!(await admin.listTopics()).includes(name)) {
        await admin.createTopics({ topics: [{ topic: name, numPartitions: this.partitions }], waitForLeaders: true });
        return;
      }
      const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
      if ((topics[0]?.partitions.length ?? 0) < this.partitions) {
        await admin.createPartitions({ topicPartitions: [{ topic: name, count: this.partitions }] });
      }
    } finally {
      await admin.disconnect();
    }
  }

  private async connect(): Promise<void> {
    this.connecting ??= Promise.all([this.producer.connect(), this.admin.connect()]);
    try {
      await this.connecting;
    } catch (error) {
      this.connecting = undefined;
      throw error;
    }
  }

  /** A deleted topic is created again at the next call, and the old client is no longer used. */
  private async asking<T>(topic: string | undefined, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (topic === undefined) this.topics.clear();
      else this.topics.delete(topic);
      const old = this.admin;
      this.admin = this.kafka.admin();
      this.connecting = undefined;
      await old.disconnect().catch(() => {});
      throw error;
    }
  }

  private refused(connection: string, error: unknown): void {
    if (!this.isClosed) this.options.onEvent?.({ kind: 'refused', connection, error });
  }

  private nameOf(topic: string): string {
    return `${this.options.topicPrefix ?? ''}${topic}`;
  }
}

/** Slices that a broker accepts in one request. */
function slicesOf(entries: readonly KeyedEntry[]): KeyedEntry[][] {
  const slices: KeyedEntry[][] = [];
  let bytes = Infinity;
  for (const entry of entries) {
    // UTF-8 takes at most three bytes per unit, and JSON nearly always one.
    if (bytes + entry.body.length > BATCH_BYTES) {
      slices.push([]);
      bytes = 0;
    }
    slices.at(-1)?.push(entry);
    bytes += entry.body.length;
  }
  return slices;
}
