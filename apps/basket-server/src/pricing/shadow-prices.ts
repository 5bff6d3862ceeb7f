import type { RuleSet } from '@aisle/pricing';
import { simulate, type RulesByKey, type SampleBasket, type Shadow, type Simulation } from '@aisle/pricing/lifecycle';
import type { Runtime, Timer } from '@aisle/std';
import { Counter, Histogram, type Registry } from '@aisle/platform';

/** The counts so far of a version in the shadow on this server. A difference is its price minus the price by the rules in force. */
export interface ShadowTally {
  readonly strategy: string;
  readonly version: string;
  readonly baskets: number;
  readonly changed: number;
  readonly degraded: number;
  /** By currency, in minor units. It stops at the largest exact integer, and is never rounded. */
  readonly differenceMinor: Readonly<Record<string, number>>;
}

export interface ShadowPricesOptions {
  readonly runtime: Runtime;
  readonly metrics: Registry;
  readonly rules: RulesByKey & {
    readonly hasShadows: boolean;
    shadowsFor(key: string | undefined): readonly Shadow[];
  };
  /** Called at 10, 100, 1,000 … baskets of a version, and when it leaves the shadow. */
  readonly onTally: (tally: ShadowTally) => void;
  readonly onFailed: (error: unknown) => void;
}

/** A sold basket with the rules at its sale. Later rollouts do not affect its count. */
interface Sold {
  readonly sample: SampleBasket;
  readonly current: RuleSet;
  readonly shadows: readonly Shadow[];
}

const EVERY_MS = 50;
// Prices per pass. With the pause between passes this bounds the processor time that shadows take.
const PRICES_PER_PASS = 16;
const WAITING_MAX = 64;
const LINES_MAX = 200;
const BUCKETS_MINOR = [-10_000, -1_000, -100, -10, -1, 0, 10, 100, 1_000, 10_000];

/**
 * Prices each sold basket once by the versions in the shadow, after the checkout has been answered. When too many
 * baskets wait, further ones are skipped, and the skips are counted.
 */
export class ShadowPrices {
  private readonly waiting: Sold[] = [];
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
      help: 'price by a version in the shadow minus the price by the rules in force, per sold basket, in minor units',
      labelNames: ['strategy', 'version', 'currency'],
      buckets: BUCKETS_MINOR,
      registers,
    });
    this.degraded = new Counter({
      name: 'strategy_shadow_degraded_total',
      help: 'sold baskets on which a version in the shadow failed',
      labelNames: ['strategy', 'version'],
      registers,
    });
    this.skipped = new Counter({
      name: 'strategy_shadow_skipped_total',
      help: 'sold baskets that shadows skipped, because too many waited or the basket was too large',
      registers,
    });
  }

  /** Queues a sold basket, and returns at once. */
  watch(sample: SampleBasket): void {
    const { rules } = this.options;
    if (!rules.hasShadows) return;
    if (sample.items.length > LINES_MAX || this.waiting.length >= WAITING_MAX) {
      this.skipped.inc();
      return;
    }
    this.waiting.push({ sample, current: rules.ruleSetFor(sample.key), shadows: rules.shadowsFor(sample.key) });
    this.schedule();
  }

  /** Reports the tally of each version that has left the shadow and has no basket waiting. Call it after a change of the rules. */
  rulesChanged(): void {
    this.reportEnded();
  }

  /** Waits for the running pass, and reports all tallies. Waiting baskets are dropped. */
  async stop(): Promise<void> {
    this.waiting.length = 0;
    this.timer?.cancel();
    await this.passing;
    for (const tally of this.tallies.values()) this.options.onTally(tally);
    this.tallies.clear();
  }

  private schedule(): void {
    this.timer ??= this.options.runtime.timers.after(EVERY_MS, () => {
      this.passing = this.pass().catch(this.options.onFailed).finally(() => {
        this.timer = undefined;
        if (this.waiting.length > 0) this.schedule();
      });
    }, { background: true });
  }

  private async pass(): Promise<void> {
    let pricesLeft = PRICES_PER_PASS;
    for (let sold; pricesLeft > 0 && (sold = this.waiting[0]); this.waiting.shift()) {
      const { sample, current, shadows } = sold;
      for (const shadow of shadows) {
        await this.nextTurn();
        const simulation = await simulate({ ruleSetFor: () => current }, { ruleSetFor: () => shadow.rules }, [sample]);
        this.count(shadow, sample.context.currency, simulation);
        pricesLeft -= 1;
      }
    }
    this.reportEnded();
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

  private reportEnded(): void {
    const shadows = [...this.options.rules.shadowsFor(undefined), ...this.waiting.flatMap((sold) => sold.shadows)];
    const current = new Set(shadows.map(({ name, version }) => tallyKey(name, version)));
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

/** Powers of ten from 10 on. So the audit gets few entries, whatever the traffic. */
function isMilestone(count: number): boolean {
  return count >= 10 && /^10+$/.test(String(count));
}
