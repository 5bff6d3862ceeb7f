import type { NodeEvent } from '@aisle/cluster';
import type { ConsumerEvent, RelayEvent } from '@aisle/events';
import type { Crash } from '@aisle/supervision';
import { errorFields, type Logger } from './telemetry/logger.ts';
import { Counter, type Registry } from './telemetry/metrics.ts';

/** What a relay tells, as log lines and a count of what it published. */
export function relayReport({ logger, metrics }: { logger: Logger; metrics: Registry }): (event: RelayEvent) => void {
  const published = counter(metrics, 'events_published_total', 'events handed to the backbone', []);
  return (event) => {
    switch (event.kind) {
      case 'published':
        return published.inc(event.count);
      case 'leading':
        return logger.info('relay leading');
      case 'rewound':
        return logger.warn('relay rewound', { topic: event.topic, partition: event.partition, from: event.from });
      case 'failed':
        return logger.warn('relay failed', errorFields(event.error));
    }
  };
}

/** What a consumer tells, as log lines and counts of what it handled. */
export function consumerReport({ logger, metrics }: { logger: Logger; metrics: Registry }): (event: ConsumerEvent) => void {
  const handled = counter(metrics, 'events_handled_total', 'events of which the effect is durable', ['topic']);
  const dead = counter(metrics, 'events_dead_total', 'events that became dead letters', ['topic']);
  return (event) => {
    switch (event.kind) {
      case 'handled':
        return handled.inc({ topic: event.topic }, event.count);
      case 'acquired':
      case 'released':
        return logger.debug(`partition ${event.kind}`, { topic: event.topic, partition: event.partition });
      case 'revived':
        return logger.info('dead letter revived', placeOf(event));
      case 'gap':
        return logger.warn('events missing in the backbone', { topic: event.topic, partition: event.partition });
      case 'parked':
        // Without an attempt that counts somebody was away: all of a batch say so at once.
        return (event.attempts === 0 ? logger.debug : logger.warn)('event put off', {
          ...placeOf(event), attempts: event.attempts, ...errorFields(event.error),
        });
      case 'held':
        return logger.warn('events put off', { ...placeOf(event), ...errorFields(event.error) });
      case 'dead':
        dead.inc({ topic: event.topic });
        return logger.error('event is a dead letter', { ...placeOf(event), ...errorFields(event.error) });
      case 'failed':
        return logger.warn('consumer failed', errorFields(event.error));
    }
  };
}

/** What a node of a cluster tells, as log lines. */
export function nodeReport({ logger }: { logger: Logger }): (event: NodeEvent) => void {
  return ({ kind, ...facts }) =>
    logger.warn(kind, 'error' in facts ? { ...facts, ...errorFields(facts.error) } : facts);
}

/** A crash of a supervised process, as a log line. */
export function crashReport({ logger }: { logger: Logger }): (crash: Crash) => void {
  return ({ ref, reason }) => {
    const error = typeof reason === 'object' && 'error' in reason ? reason.error : reason;
    logger.error('process crashed', { process: ref.label, ...errorFields(error) });
  };
}

/** What went wrong, and will be tried again, as a log line. */
export function failureReport({ logger }: { logger: Logger }, message: string): (error: unknown) => void {
  return (error) => logger.warn(message, errorFields(error));
}

// One process may be several apps, each with a relay of its own.
function counter<L extends string>(metrics: Registry, name: string, help: string, labelNames: L[]): Counter<L> {
  return (metrics.getSingleMetric(name) as Counter<L> | undefined) ?? new Counter({ name, help, labelNames, registers: [metrics] });
}

function placeOf({ topic, partition, position }: { topic: string; partition: number; position?: number }) {
  return { topic, partition, ...(position === undefined ? {} : { position }) };
}
