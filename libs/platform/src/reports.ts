import type { NodeEvent } from '@aisle/cluster';
import type { ConsumerEvent, RelayEvent } from '@aisle/events';
import type { Crash } from '@aisle/supervision';
import { errorFields, type Logger } from './telemetry/logger.ts';
import { Counter, type Registry } from './telemetry/metrics.ts';

/** Logs the events of an outbox relay and counts published events. */
export function relayReport({ logger, metrics }: { logger: Logger; metrics: Registry }): (event: RelayEvent) => void {
  const published = counter(metrics, 'events_published_total', 'events handed to the backbone', []);
  return (event) => {
    switch (event.kind) {
      case 'published':
        return published.inc(event.count);
      case 'leading':
        return logger.info('relay became the leader');
      case 'rewound':
        return logger.warn('relay rewound', { topic: event.topic, partition: event.partition, from: event.from });
      case 'failed':
        return logger.warn('relay failed', errorFields(event.error));
    }
  };
}

/** Logs the events of a consumer and counts handled events and dead letters. */
export function consumerReport({ logger, metrics }: { logger: Logger; metrics: Registry }): (event: ConsumerEvent) => void {
  const handled = counter(metrics, 'events_handled_total', 'events whose effect is durable', ['topic']);
  const dead = counter(metrics, 'events_dead_total', 'events that became dead letters', ['topic']);
  return (event) => {
    switch (event.kind) {
      case 'handled':
        return handled.inc({ topic: event.topic }, event.count);
      case 'acquired':
      case 'released':
        return logger.debug(`partition ${event.kind}`, { topic: event.topic, partition: event.partition });
      case 'revived':
        return logger.info('dead letter revived', positionOf(event));
      case 'gap':
        return logger.warn('events missing in the backbone', { topic: event.topic, partition: event.partition });
      case 'parked':
        // Zero attempts: a dependency was away, so every event of the batch reports this at once.
        return (event.attempts === 0 ? logger.debug : logger.warn)('event parked', {
          ...positionOf(event), attempts: event.attempts, ...errorFields(event.error),
        });
      case 'held':
        return logger.warn('events held', { ...positionOf(event), ...errorFields(event.error) });
      case 'dead':
        dead.inc({ topic: event.topic });
        return logger.error('event became a dead letter', { ...positionOf(event), ...errorFields(event.error) });
      case 'failed':
        return logger.warn('consumer failed', errorFields(event.error));
    }
  };
}

/** Logs the events of a cluster node. */
export function nodeReport({ logger }: { logger: Logger }): (event: NodeEvent) => void {
  return ({ kind, ...facts }) =>
    logger.warn(kind, 'error' in facts ? { ...facts, ...errorFields(facts.error) } : facts);
}

/** Logs crashes of supervised processes. */
export function crashReport({ logger }: { logger: Logger }): (crash: Crash) => void {
  return ({ ref, reason }) => {
    const error = typeof reason === 'object' && 'error' in reason ? reason.error : reason;
    logger.error('process crashed', { process: ref.label, ...errorFields(error) });
  };
}

/** Logs an error as a warning, for work that will be tried again. */
export function failureReport({ logger }: { logger: Logger }, message: string): (error: unknown) => void {
  return (error) => logger.warn(message, errorFields(error));
}

// Several apps may share one process; their relays share the counter.
function counter<L extends string>(metrics: Registry, name: string, help: string, labelNames: L[]): Counter<L> {
  return (metrics.getSingleMetric(name) as Counter<L> | undefined) ?? new Counter({ name, help, labelNames, registers: [metrics] });
}

function positionOf({ topic, partition, position }: { topic: string; partition: number; position?: number }) {
  return { topic, partition, ...(position === undefined ? {} : { position }) };
}
