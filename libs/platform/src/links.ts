import { createMemoryTransport, createRedisTransport, type Transport } from '@aisle/broker';
import {
  BullmqWakeups, KafkaBackbone, MemoryBackbone, RedisBackbone, TimerWakeups, type Backbone, type BackboneEvent, type Wakeups,
  type WakeupsOptions,
} from '@aisle/events';
import type { Runtime } from '@aisle/std';
import type { z } from 'zod';
import type { BaseConfig } from './config.ts';
import { errorFields, type Logger } from './telemetry/logger.ts';
import { memoryCounter, redisCounter, type WindowCounter } from './window-counter.ts';

/** The connections of an app's process: messages, events, wake-ups and counts. */
export interface Links {
  readonly transport: Transport;
  /** The backbone that carries events between apps. It is opened by the first call. */
  backbone(): Promise<Backbone>;
  /** Wake-ups for rows with a due time; the caller closes them. `name` is the same in all processes that share the work. */
  wakeups(name: string, options: Omit<WakeupsOptions, 'runtime' | 'onFailed'>): Wakeups;
  /** Counts in windows of `windowS` seconds, for all processes together; the caller closes it. */
  counter(windowS: number): WindowCounter;
  /** Closes transport and backbone. Call it last: nothing can be answered afterwards. */
  close(): Promise<void>;
}

/** Options of `redisLinks` and `memoryLinks`. */
export interface LinksOptions {
  readonly config: z.infer<typeof BaseConfig>;
  readonly logger: Logger;
  readonly runtime: Runtime;
}

/** Links over Redis for any number of processes. Events go over Kafka if `EVENTS_BACKBONE` says so. */
export function redisLinks({ config, logger, runtime }: LinksOptions): Links {
  const keyPrefix = `${config.REDIS_KEY_PREFIX}:`;
  const redis = { url: config.REDIS_URL, keyPrefix, runtime };
  const transport = createRedisTransport({
    ...redis,
    onEvent: ({ kind, connection, error }) =>
      logger.warn(`broker connection ${kind}`, { connection, ...(error ? errorFields(error) : {}) }),
  });
  const onEvent = ({ kind, connection, error }: BackboneEvent): void =>
    logger.warn(`backbone connection ${kind}`, { connection, ...(error ? errorFields(error) : {}) });
  const kafka = (): Promise<Backbone> =>
    KafkaBackbone.open({
      brokers: config.KAFKA_BROKERS.split(','), topicPrefix: config.KAFKA_TOPIC_PREFIX, runtime, onEvent,
    });
  let backbone: Promise<Backbone> | undefined;
  return {
    transport,
    backbone: () => (backbone ??= config.EVENTS_BACKBONE === 'kafka' ? kafka() : Promise.resolve(new RedisBackbone({ ...redis, onEvent }))),
    wakeups: (name, options) =>
      new BullmqWakeups({
        ...options, runtime, redisUrl: config.REDIS_URL, keyPrefix, name,
        onFailed: (error) => logger.warn('wake-up delayed', { wakeups: name, ...errorFields(error) }),
      }),
    counter: (windowS) => redisCounter({ config, logger }, windowS),
    async close() {
      await Promise.all([transport.close(), backbone?.then((opened) => opened.close())]);
    },
  };
}

/** Links in memory, for apps that share one process. */
export function memoryLinks({ logger, runtime }: LinksOptions): Links {
  const transport = createMemoryTransport({ runtime });
  const backbone = new MemoryBackbone({ runtime });
  return {
    transport,
    backbone: async () => backbone,
    wakeups: (name, options) =>
      new TimerWakeups({
        ...options, runtime,
        onFailed: (error) => logger.warn('wake-up delayed', { wakeups: name, ...errorFields(error) }),
      }),
    counter: memoryCounter,
    async close() {
      await Promise.all([transport.close(), backbone.close()]);
    },
  };
}
