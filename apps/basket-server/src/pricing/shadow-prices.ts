import { simulate, type SampleBasket, type Shadow, type Simulation } from '@aisle/pricing/lifecycle';
import type { RuleSet } from '@aisle/pricing';
import type { Runtime, Timer } from '@aisle/std';
import { Counter, Histogram, type Registry } from '@aisle/telemetry';

/** A basket as it was just charged. */
export interface ChargedBasket {
  readonly basketId: string;
  readonly sample: SampleBasket;
}

/** What a version in the shadow came to on this server so far. Differences are its price minus the charged one. */
export interface ShadowTally {
  readonly strategy: string;
  readonly version: string;
  readonly baskets: number;
  readonly changed: number;
  readonly degraded: number;
  /** By currency; stays at the largest exact amount rather than be rounded. */
  readonly differenceMinor: Readonly<Record<string, number>>;
}

export interface ShadowPricesOptions {
  readonly runtime: Runtime;
  readonly metrics: Registry;
  readonly rules: {
    readonly hasShadows: boolean;
    ruleSetFor(basketId: string): RuleSet;
    shadowsFor(basketId: string): readonly Shadow[];
  };
  /** At 10, 100, 1,000 … baskets of a version, and when it leaves the shadow. */
  readonly onTally: (tally: ShadowTally) => void;
  readonly onFailed: (error: unknown) => void;
}

const EVERY_MS = 50;
// Prices a pass: with the pause between passes, the most that shadows take from a server.
const PRICES_PER_PASS = 16;
const WAITING_MAX = 64;
const LINES_MAX = 200;
const BUCKETS_MINOR = [-10_000, -1_000, -100, -10, -1, 0, 10, 100, 1_000, 10_000];

/**
 * Prices live baskets as versions in the shadow would, when their answers have long gone: of a basket
 * that changes quickly only the latest state, and of more baskets than there is time for none. What
 * was left out is counted.
 */
export class ShadowPrices {
  private readonly waiting = new Map<string, ChargedBasket>();
  private readonly tallies = new Map<string, ShadowTally>();
  private readonly differences: Histogram<'strategy' | 'version' | 'currency'>;
  private readonly degraded: Counter<'strategy' | 'version'>;
  private readonly skipped: Counter;
  private timer: Timer | undefined;
  private passing: Promise<void> | undefined;

  constructor(private readonly options: ShadowPricesOptions) {
    const registers = [options.metrics];
    this.differences = new Histogram({
      name: 'strategy_shadow_difference_minor',
      help: 'what a version in the shadow would have charged, minus what was charged, a basket',
      labelNames: ['strategy', 'version', 'currency'],
      buckets: BUCKETS_MINOR,
      registers,
    });
    this.degraded = new Counter({
      name: 'strategy_shadow_degraded_total',
      help: 'baskets on which a version in the shadow failed',
      labelNames: ['strategy', 'version'],
      registers,
    });
    this.skipped = new Counter({
      name: 'strategy_shadow_skipped_total',
      help: 'charged baskets that no shadow looked at: too many waited, or they were too large',
      registers,
    });
  }

  /** Takes note of a basket that was charged, and returns at once. */
  watch(basket: ChargedBasket): void {
    if (!this.options.rules.hasShadows && this.tallies.size === 0) return;
    const { basketId, sample } = basket;
    const key = `${sample.context.market} ${basketId}`;
    if (sample.items.length > LINES_MAX || (this.waiting.size >= WAITING_MAX && !this.waiting.has(key))) {
      this.skipped.inc();
      return;
    }
    this.waiting.set(key, basket);
    this.schedule();
  }

  /** Lets the pass that is under way end, and says what was counted. */
  async stop(): Promise<void> {
    this.waiting.clear();
    this.timer?.cancel();
    await this.passing;
    for (const tally of this.tallies.values()) this.options.onTally(tally);
    this.tallies.clear();
  }

  private schedule(): void {
    this.timer ??= this.options.runtime.timers.after(EVERY_MS, () => {
      this.passing = this.pass().catch(this.options.onFailed).finally(() => {
        this.timer = undefined;
        if (this.waiting.size > 0) this.schedule();
      });
    }, { background: true });
  }

  private async pass(): Promise<void> {
    this.tellOfThoseGone();
    let pricesLeft = PRICES_PER_PASS;
    for (const [key, { basketId, sample }] of this.waiting) {
      this.waiting.delete(key);
      // Rules of one turn, so that only the shadow differs.
      const current = this.options.rules.ruleSetFor(basketId);
      const shadows = this.options.rules.shadowsFor(basketId);
      for (const shadow of shadows) {
        await this.nextTurn();
        this.count(shadow, sample.context.currency, await simulate(current, shadow.rules, [sample]));
        pricesLeft -= 1;
      }
      if (pricesLeft <= 0) break;
    }
  }

  private count({ name: strategy, version }: Shadow, currency: string, simulation: Simulation): void {
    const { baskets, changed, degraded, differenceMinor } = simulation;
    this.differences.observe({ strategy, version, currency }, differenceMinor);
    if (degraded > 0) this.degraded.inc({ strategy, version }, degraded);
    const key = tallyKey(strategy, version);
    const before = this.tallies.get(key)
      ?? { strategy, version, baskets: 0, changed: 0, degraded: 0, differenceMinor: {} };
    const tally: ShadowTally = {
      strategy,
      version,
      baskets: before.baskets + baskets,
      changed: before.changed + changed,
      degraded: before.degraded + degraded,
      differenceMinor: {
        ...before.differenceMinor, [currency]: boundedSum(before.differenceMinor[currency] ?? 0, differenceMinor),
      },
    };
    this.tallies.set(key, tally);
    if (isMilestone(tally.baskets)) this.options.onTally(tally);
  }

  private tellOfThoseGone(): void {
    const current = new Set(this.options.rules.shadowsFor('').map(({ name, version }) => tallyKey(name, version)));
    for (const [key, tally] of this.tallies) {
      if (current.has(key)) continue;
      this.tallies.delete(key);
      this.options.onTally(tally);
    }
  }

  private nextTurn(): Promise<void> {
    return new Promise((resolve) => this.options.runtime.defer(resolve));
  }
}

function boundedSum(minor: number, moreMinor: number): number {
  const max = Number.MAX_SAFE_INTEGER;
  return Math.max(-max, Math.min(max, minor + moreMinor));
}

function tallyKey(strategy: string, version: string): string {
  return `${strategy} ${version}`;
}

/** 10, 100, 1,000 and so on: few entries of an audit, whatever the traffic. */
function isMilestone(count: number): boolean {
  return count >= 10 && /^10+$/.test(String(count));
}
