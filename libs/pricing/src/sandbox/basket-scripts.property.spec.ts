import fc from 'fast-check';
import { item } from '../testing/shop.ts';
import { priceBy, script, source, startSandbox } from '../testing/script-shop.ts';
import type { ActiveStrategy, Item } from '../strategy.ts';
import type { Sandbox } from './sandbox.ts';

// A context gets only the parts of a basket that it does not know yet. A script must not notice.
describe('a basket script', () => {
  let sandbox: Sandbox;
  let strategies: readonly ActiveStrategy[];
  beforeAll(async () => {
    sandbox = await startSandbox({ workers: 1 });
    const off = `{ code: 'off', amountMinor: -Math.min(7, input.netMinor)`;
    strategies = [
      await script(sandbox, echo('first', off)),
      await script(sandbox, echo('second', off, { categories: ['tea'] })),
      await script(sandbox, echo('third', `{ code: 'off', amountMinor: 0`)),
      await script(sandbox, echo('seldom', off, {}, 'netMinor % 2 === 0')),
    ];
  });
  afterAll(() => sandbox.close());

  const line = fc.record({
    sku: fc.constantFrom('A', 'B', 'C', 'D', 'E'), quantity: fc.integer({ min: 1, max: 3 }),
    unitPriceMinor: fc.constantFrom(0, 10, 33), category: fc.constantFrom('tea', undefined),
    attributes: fc.constantFrom(undefined, { organic: true }),
  });
  const basket = fc.tuple(
    fc.uniqueArray(line, { selector: ({ sku }) => sku, minLength: 1 }),
    fc.uniqueArray(fc.constantFrom('SAVE', 'MORE')),
  );

  it('sees each basket as it is, after any earlier baskets', async () => {
    await fc.assert(fc.asyncProperty(fc.array(basket, { minLength: 2, maxLength: 8 }), async (baskets) => {
      for (const [lines, coupons] of baskets) {
        const items = lines.map(({ quantity, unitPriceMinor, ...more }) => item(quantity, unitPriceMinor, defined(more)));

        const { adjustments } = await priceBy(strategies, items, coupons);

        for (const { strategy, message } of adjustments) {
          expect({ strategy, ...JSON.parse(message) as object }).toEqual({ strategy, ...shown(strategy, items, coupons, adjustments) });
        }
      }
    }), { numRuns: 40 });
  });
});

type Adjustments = Awaited<ReturnType<typeof priceBy>>['adjustments'];

/** The expected view of a strategy: the lines in its scope by SKU, less the shares of earlier strategies. */
function shown(strategy: string, items: readonly Item[], coupons: readonly string[], adjustments: Adjustments): object {
  const before = adjustments.slice(0, adjustments.findIndex((each) => each.strategy === strategy));
  const lines = items
    .map((line, at) => {
      const grossMinor = line.quantity * line.unitPriceMinor;
      const netMinor = before.reduce((sum, { sharesMinor }) => sum + (sharesMinor[at] ?? 0), grossMinor);
      return { sku: line.sku, net: netMinor, more: [line.quantity, line.category ?? null, line.attributes ?? null], gross: grossMinor };
    })
    .filter(({ more: [, category] }) => strategy !== 'second' || category === 'tea')
    .sort((a, b) => (a.sku < b.sku ? -1 : 1));
  const netMinor = lines.reduce((sum, { net }) => sum + net, 0);
  const looks = strategy !== 'seldom' || netMinor % 2 === 0;
  return {
    lines: !looks ? [] : lines.map(({ sku, net, more }) => [sku, net, ...more]),
    sums: [lines.reduce((sum, { gross }) => sum + gross, 0), netMinor],
    coupons, frozen: true,
  };
}

function echo(name: string, adjustment: string, scope = {}, looks = 'true'): string {
  return source(`
    const { grossMinor, netMinor, coupons } = input;
    const lines = ${looks} ? input.lines : Object.freeze([]);
    const frozen = [input, lines, coupons, ...lines, ...lines.map((line) => line.attributes)].every(Object.isFrozen);
    const message = JSON.stringify({
      lines: lines.map((line) => [line.sku, line.netMinor, line.quantity, line.category ?? null, line.attributes ?? null]),
      sums: [grossMinor, netMinor], coupons, frozen,
    });
    return { adjustments: [${adjustment}, message }] };
  `, { name, kind: 'basket', scope });
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
