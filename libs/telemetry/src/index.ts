export { createLogger, errorFields } from './logger.ts';
export type { LogFields } from './log-fields.ts';
export type { Logger, LoggerOptions } from './logger.ts';
export { Counter, Gauge, Histogram, createMetrics } from './metrics.ts';
export type { Registry } from './metrics.ts';
export { continueTrace, traceIdOf } from './trace.ts';
