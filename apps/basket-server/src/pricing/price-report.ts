import type { PricedBasket, PricedLine } from '@aisle/pricing';
import { Counter, type Registry } from '@aisle/platform';
import type { SampleBasket } from '@aisle/pricing/lifecycle';
import type { ShadowPrices } from './shadow-prices.ts';

// The engine's code for a strategy that broke its contract, which degrades the price.
const FAILED = 'failed';

/** Counts degraded prices, and hands sold baskets to the shadows. It is cheap, and cannot make a price fail. */
export class PriceReport {
  private readonly fallbacks: Counter<'strategy' | 'version'>;

  constructor(private readonly options: { metrics: Registry; shadows: Pick<ShadowPrices, 'watch'> }) {
    this.fallbacks = new Counter({
      name: 'strategy_fallback_prices_total',
      help: 'prices without a failed strategy, which used its previous version or no version',
      labelNames: ['strategy', 'version'],
      registers: [options.metrics],
    });
  }

  /** Counts the fallbacks in a priced basket. */
  priced(lines: readonly PricedLine[], basket: Pick<PricedBasket, 'degraded' | 'skipped'>): void {
    if (!basket.degraded && !lines.some(({ degraded }) => degraded)) return;
    for (const { skipped } of [...lines.filter(({ degraded }) => degraded), basket]) {
      for (const { code, strategy, version } of skipped) if (code === FAILED) this.fallbacks.inc({ strategy, version });
    }
  }

  /** Counts a sold basket. Call it exactly once for each order that a checkout makes, and for nothing else. */
  sold(basket: SampleBasket): void {
    this.options.shadows.watch(basket);
  }
}
