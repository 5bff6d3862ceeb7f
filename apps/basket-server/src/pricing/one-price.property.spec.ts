import fc from 'fast-check';
import type { Basket as Document, DocumentReply } from '@aisle/contracts';
import { MemoryJournal } from '@aisle/journal/testing';
import { builtIn, type ActiveStrategy, type Scope } from '@aisle/pricing';
import { systemRuntime } from '@aisle/std';
import { openShop, type Shop } from '../testing/live-baskets.ts';

const ANNA = { tenant: 'default', market: 'm1', basket: 'anna', shard: 7 };
/** A Saturday, five minutes before midnight. */
const BEGIN_MS = Date.parse('2026-11-21T23:55:00Z');
const MINUTE_MS = 60_000;
const LEASE_MS = 1_750;
const PRICES: Readonly<Record<string, number>> = { P0001: 185, P0002: 120, P0003: 230 };

/**
 * One price (law). It holds for any rules with periods, weekdays and times of day, and for any walk of the clock and of
 * commands. A read of a basket, a quote of its lines, a simulation and a checkout have the same total at one instant. No
 * server shows the price of an earlier instant after the price of a later one.
 */
describe('the price of a basket', () => {
  it('is the same at one instant on every server', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rule(), { maxLength: 5 }), fc.array(step(), { minLength: 1, maxLength: 40 }), walk),
      { numRuns: 150, examples: [SHOWN_AND_HANDED_OVER] },
    );
  });
});

/** A read confirms a price without an event, and then a server takes over whose clock is two seconds behind. */
const SHOWN_AND_HANDED_OVER: [Rule[], Step[]] = [
  [{ name: 'even', kind: 'line', skus: ['P0001'], offMinor: 1, scope: {}, needsTime: 'second' }],
  [
    { kind: 'add', sku: 'P0001', quantity: 1 }, { kind: 'wait', ms: 2_000 }, { kind: 'look' },
    { kind: 'hand over', skewMs: -300 }, { kind: 'look' },
  ],
];

async function walk(rules: readonly Rule[], steps: readonly Step[]): Promise<void> {
  const world = new World(rules);
  await world.open();
  for (const taken of steps) await world.take(taken);
  await world.check();
}

/** Successive servers of a basket, each with its own clock. */
class World {
  private readonly memory = new MemoryJournal(systemRuntime);
  private trueMs = BEGIN_MS;
  private skewMs = 0;
  private servers = 0;
  private commands = 0;
  private revision = 2;
  private rulesInForce: readonly Rule[];
  private lines = new Map<string, number>();
  /** The latest instant whose prices were shown. */
  private shownMs = 0;
  private shop!: Shop;

  constructor(private readonly rules: readonly Rule[]) {
    this.rulesInForce = rules;
  }

  async open(): Promise<void> {
    this.servers += 1;
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.trueMs };
    this.shop = await openShop({ memory: this.memory, incarnation: `node-${this.servers}`, clock });
    this.applyRules();
  }

  async take(taken: Step): Promise<void> {
    switch (taken.kind) {
      case 'wait':
        this.trueMs += taken.ms;
        return;
      case 'add':
      case 'set':
        return this.change(taken);
      case 'look':
        return this.check();
      case 'checkout':
        return this.checkOut();
      case 'switch':
        this.rulesInForce = this.rulesInForce.length > 0 ? [] : this.rules;
        this.revision += 1;
        this.applyRules();
        return;
      case 'hand over':
        await this.shop.leave(ANNA.shard);
        this.skewMs = taken.skewMs;
        return this.open();
      case 'take over':
        // A shard of a dead server is claimed only after the end of its lease.
        this.trueMs += LEASE_MS;
        this.skewMs = taken.skewMs;
        return this.open();
    }
  }

  async check(): Promise<void> {
    if (this.lines.size === 0) return;
    const [read, quote] = [await this.read(), await this.quote()];
    const instantMs = Math.max(this.nowMs, this.shownMs);
    expect(read.total.amount).toBe(this.priceAt(instantMs));
    expect(quote).toBe(this.priceAt(this.nowMs));
    this.shownMs = instantMs;
    expect(await this.read()).toEqual(read);
  }

  private applyRules(): void {
    this.shop.rules(this.rulesInForce.map(strategyOf), this.revision);
  }

  private async change({ kind: op, sku, quantity }: Extract<Step, { sku: string }>): Promise<void> {
    const reply = await this.shop.change(ANNA, this.nextId(), [{ op, sku, quantity }]);
    this.lines.set(sku, op === 'add' ? (this.lines.get(sku) ?? 0) + quantity : quantity);
    this.expectShown(documentOf(reply).total.amount);
  }

  private async checkOut(): Promise<void> {
    if (this.lines.size === 0) return;
    const { total } = await this.read();
    const { order } = await this.shop.checkOut(ANNA, this.nextId(), { total });
    this.expectShown(order?.totalMinor ?? NaN);
    const charged = order?.lines.reduce((sum, { netMinor }, at) => sum + netMinor + (order.sharesMinor[at] ?? NaN), 0);
    expect(charged).toBe(order?.totalMinor);
    this.lines = new Map();
  }

  private expectShown(totalMinor: number): void {
    this.shownMs = Math.max(this.nowMs, this.shownMs);
    expect(totalMinor).toBe(this.priceAt(this.shownMs));
  }

  private async quote(): Promise<number> {
    const items = [...this.lines].map(([sku, quantity]) => ({ sku, quantity }));
    const { total, lines } = await this.shop.quote(items);
    const listMinor = lines.reduce((sum, { gross }) => sum + gross.amount, 0);
    expect(await this.shop.difference(this.lines)).toBe(total.amount - listMinor);
    return total.amount;
  }

  private async read(): Promise<Document> {
    return documentOf(await this.shop.read(ANNA));
  }

  private get nowMs(): number {
    return this.trueMs + this.skewMs;
  }

  private nextId(): string {
    this.commands += 1;
    return `c${this.commands}`;
  }

  /** An oracle: list prices minus the discount of each rule that acts at the instant. */
  private priceAt(instantMs: number): number {
    const nets = [...this.lines].map(([sku, quantity]) => {
      const off = this.rulesInForce.filter(({ kind, skus }) => kind === 'line' && skus.includes(sku));
      return sum(off.filter((one) => actsAt(one, instantMs)).map(({ offMinor }) => -offMinor)) + PRICES[sku]! * quantity;
    });
    const whole = this.rulesInForce.filter((one) => one.kind === 'basket' && actsAt(one, instantMs));
    return sum(nets) - sum(whole.map(({ offMinor }) => offMinor));
  }
}

interface Rule {
  readonly name: string;
  readonly kind: 'line' | 'basket';
  readonly skus: readonly string[];
  readonly offMinor: number;
  readonly scope: Pick<Scope, 'from' | 'until' | 'daysOfWeek'>;
  /** Acts in minutes, or seconds, with an even number. */
  readonly needsTime?: true | 'second';
}

function actsAt({ scope, needsTime }: Rule, instantMs: number): boolean {
  const at = new Date(instantMs);
  const { from, until, daysOfWeek } = scope;
  const hasBegun = (bound: string): boolean => (bound.length === 10 ? at.toISOString().slice(0, 10) >= bound : instantMs >= Date.parse(bound));
  const hasEnded = (bound: string): boolean => (bound.length === 10 ? at.toISOString().slice(0, 10) > bound : instantMs >= Date.parse(bound));
  if (from !== undefined && !hasBegun(from)) return false;
  if (until !== undefined && hasEnded(until)) return false;
  if (daysOfWeek && !daysOfWeek.includes(at.getUTCDay() || 7)) return false;
  if (needsTime === true) return at.getUTCMinutes() % 2 === 0;
  return needsTime !== 'second' || at.getUTCSeconds() % 2 === 0;
}

function strategyOf({ name, kind, skus, offMinor, scope, needsTime }: Rule): ActiveStrategy {
  const { meta, sha256 } = builtIn('percent-off@1', { name, version: '1', params: { percent: 1 } });
  return {
    sha256,
    meta: {
      ...meta, kind, scope: { ...scope, ...(kind === 'line' ? { skus } : {}) }, ...(needsTime ? { needsTime } : {}),
    },
    price(_input, { now }) {
      const isEven = needsTime === undefined || Number(needsTime === true ? now.slice(14, 16) : now.slice(17, 19)) % 2 === 0;
      return { adjustments: isEven ? [{ code: 'off', amountMinor: -offMinor, message: 'off' }] : [] };
    },
  };
}

type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'add' | 'set'; readonly sku: string; readonly quantity: number }
  | { readonly kind: 'look' | 'checkout' | 'switch' }
  | { readonly kind: 'hand over' | 'take over'; readonly skewMs: number };

function rule(): fc.Arbitrary<Rule> {
  const instant = fc.integer({ min: -5 * MINUTE_MS, max: 15 * MINUTE_MS }).map((ms) => new Date(BEGIN_MS + ms).toISOString());
  const bound = fc.oneof(instant, fc.constantFrom('2026-11-21', '2026-11-22'));
  return fc.record({
    name: fc.uuid(),
    kind: fc.constantFrom('line' as const, 'basket' as const),
    skus: fc.subarray(Object.keys(PRICES), { minLength: 1 }),
    offMinor: fc.integer({ min: 1, max: 9 }),
    scope: fc.record(
      { from: bound, until: bound, daysOfWeek: fc.subarray([6, 7], { minLength: 1 }) }, { requiredKeys: [] },
    ),
    needsTime: fc.constantFrom(true as const, 'second' as const),
  }, { requiredKeys: ['name', 'kind', 'skus', 'offMinor', 'scope'] });
}

function step(): fc.Arbitrary<Step> {
  const [sku, skewMs] = [fc.constantFrom(...Object.keys(PRICES)), fc.integer({ min: -300, max: 300 })];
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.oneof(fc.nat(2_000), fc.nat(4 * MINUTE_MS)) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('add' as const, 'set' as const), sku, quantity: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
    fc.record({ kind: fc.constantFrom('checkout' as const, 'switch' as const) }),
    fc.record({ kind: fc.constantFrom('hand over' as const, 'take over' as const), skewMs }),
  );
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

function documentOf({ json }: DocumentReply): Document {
  return JSON.parse(json) as Document;
}
