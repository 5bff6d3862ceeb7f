import { systemRuntime } from '@aisle/std';
import type { z } from 'zod';
import { readConfig, type BaseConfig } from '../config.ts';
import { Health } from '../health.ts';
import { memoryLinks, type Links, type LinksOptions } from '../links.ts';
import type { AppContext } from '../run-app.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';

/** The context of an app in a test. */
export interface MemoryContext<C> extends AppContext<C> {
  readonly logger: Logger;
  /** The app's log lines at `LOG_LEVEL` and above. */
  readonly logs: Record<string, unknown>[];
  /** The log lines of level error. */
  readonly errors: Record<string, unknown>[];
  /** Closes transport and backbone. */
  close(): Promise<void>;
}

/**
 * An app's context in memory, without an ops port, and without a broker unless `linked` makes other links. Settings that `environment`
 * does not give have their defaults.
 */
export function memoryContext<S extends typeof BaseConfig>(
  schema: S, environment: Readonly<Record<string, string>> = {}, linked: (options: LinksOptions) => Links = memoryLinks,
): MemoryContext<z.infer<S>> {
  const config = readConfig(schema, environment);
  const logs: Record<string, unknown>[] = [];
  const errors: typeof logs = [];
  const write = (text: string): void => {
    const line = JSON.parse(text) as Record<string, unknown>;
    logs.push(line);
    if (line['level'] === 'error') errors.push(line);
  };
  const logger = createLogger({ level: config.LOG_LEVEL, instance: config.INSTANCE, pretty: false, destination: { write } });
  const links = linked({ config, logger, runtime: systemRuntime });
  return {
    ...links, config, logger, logs, errors, runtime: systemRuntime, metrics: createMetrics(config.INSTANCE), health: new Health(),
    view: () => undefined, operation: () => undefined,
  };
}
