import type { UnreadableStrategy } from '@aisle/pricing/lifecycle';
import { Gauge, type Logger, type Registry } from '@aisle/platform';

/** Makes a listener that reports stored strategies that cannot be read: each once in the log, and the present ones in a metric. */
export function reportUnreadable(
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Registry },
): (unreadable: readonly UnreadableStrategy[]) => void {
  const reported = new Set<string>();
  const gauge = new Gauge({
    name: 'strategy_unreadable',
    help: 'stored strategies that cannot be read, and so are not in force; an empty version is the strategy itself',
    labelNames: ['strategy', 'version'],
    registers: [metrics],
  });
  return (unreadable) => {
    gauge.reset();
    for (const { strategy, version, reason } of unreadable) {
      gauge.set({ strategy, version: version ?? '' }, 1);
      const key = JSON.stringify([strategy, version, reason]);
      if (reported.has(key)) continue;
      reported.add(key);
      logger.error('strategy cannot be read', { strategy, version, reason });
    }
  };
}
