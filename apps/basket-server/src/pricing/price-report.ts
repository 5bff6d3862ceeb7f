import type { PricedBasket, PricedLine } from '@aisle/pricing';
import { Counter, type Registry } from '@aisle/platform';
import type { SampleBasket } from '@aisle/pricing/lifecycle';
import type { ShadowPrices } from './shadow-prices.ts';

// The engine's word for a strategy that broke its contract, where a price is degraded.
const FAILED = 'failed';

/** Who is told of prices as they are made. It costs a price next to nothing, and can't fail one. */
export class PriceReport {
  private readonly fallbacks: Counter<'strategy' | 'version'>;

  constructor(private readonly options: { metrics: Registry; shadows: Pick<ShadowPrices, 'watch'> }) {
    this.fallbacks = new Counter({
      name: 'strategy_fallback_prices_total',
      help: 'prices made without a strategy that failed: by its previous version, or by none',
      labelNames: ['strategy', 'version'],
      registers: [options.metrics],
    });
  }

  /** Lines were priced, and the basket with them. */
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
