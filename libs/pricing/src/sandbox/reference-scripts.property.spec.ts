import fc from 'fast-check';
import { referenceRules } from '../reference-rules.ts';
import { priceBy, script, source, startSandbox } from '../testing/script-shop.ts';
import { configured } from '../testing/shop.ts';
import type { ActiveStrategy, Item } from '../strategy.ts';
import type { Sandbox } from './sandbox.ts';

const pricesMinor: Record<string, number> = { GR1: 311, SR1: 500, CF1: 1123 };

describe('the reference rules, written as scripts', () => {
  let sandbox: Sandbox;
  let scripts: ActiveStrategy[];
  beforeAll(async () => {
    sandbox = await startSandbox({ workers: 1 });
    scripts = await Promise.all(SOURCES.map((text) => script(sandbox, text)));
  });
  afterAll(() => sandbox.close());

  it.each([
    ['GR1 SR1 GR1 GR1 CF1', 2245],
    ['GR1 GR1', 311],
    ['SR1 SR1 GR1 SR1', 1661],
    ['GR1 CF1 SR1 CF1 CF1', 3057],
    ['', 0],
  ])('price %j at %d', async (basket, totalMinor) => {
    expect((await priceBy(scripts, filled(basket.split(' ').filter(Boolean)))).totalMinor).toBe(totalMinor);
  });

  it('charge the same as the built-ins for any basket, with a basket rule on top', async () => {
    const saving = configured('spend-x-save-y@1', { spendMinor: 1000, saveMinor: 150, repeat: true }, { name: 'saving' });
    const savingScript = await script(sandbox, SAVING);
    const skus = fc.array(fc.constantFrom(...Object.keys(pricesMinor)), { maxLength: 30 });

    await fc.assert(fc.asyncProperty(skus, async (basket) => {
      const byScripts = await priceBy([...scripts, savingScript], filled(basket));
      const byBuiltIns = await priceBy([...referenceRules(), saving], filled(basket));

      expect(byScripts.totalMinor).toBe(byBuiltIns.totalMinor);
      expect(byScripts.lines.map(({ netMinor }) => netMinor)).toEqual(byBuiltIns.lines.map(({ netMinor }) => netMinor));
      expect(byScripts.adjustments.map(({ sharesMinor }) => sharesMinor))
        .toEqual(byBuiltIns.adjustments.map(({ sharesMinor }) => sharesMinor));
      expect(byScripts.degraded).toBe(false);
    }), { numRuns: 60 });
  });

  it('total the same in any order of additions', async () => {
    const skus = fc.array(fc.constantFrom(...Object.keys(pricesMinor)), { maxLength: 12 });
    const shuffled = skus.chain((list) => fc.tuple(
      fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }),
    ));

    await fc.assert(fc.asyncProperty(shuffled, async ([list, other]) => {
      const [one, two] = await Promise.all([list, other].map((each) => priceBy(scripts, filled(each))));

      expect(one?.totalMinor).toBe(two?.totalMinor);
    }), { numRuns: 40 });
  });
});

const SOURCES = [
  source(`
    const free = Math.floor(input.quantity / 2);
    return { adjustments: free > 0 ? [{ code: 'free', amountMinor: -ctx.money.mulDiv(input.netMinor, free, input.quantity), units: free, message: 'one free' }] : [],
      skipped: input.quantity % 2 ? [{ code: 'free', reason: 'one more and it is free', unitsNeeded: 1 }] : [] };
  `, { name: 'gr1', scope: { skus: ['GR1'] } }),
  source(`
    const { from, unitPriceMinor } = ctx.params;
    if (input.quantity < from) return { adjustments: [] };
    return { adjustments: [{ code: 'bulk', amountMinor: unitPriceMinor * input.quantity - input.netMinor, message: 'bulk' }] };
  `, { name: 'sr1', scope: { skus: ['SR1'] }, params: { from: 3, unitPriceMinor: 450 } }),
  source(`
    if (input.quantity < 3) return { adjustments: [] };
    return { adjustments: [{ code: 'fraction', amountMinor: ctx.money.mulDiv(input.netMinor, 2, 3) - input.netMinor, message: 'two thirds' }] };
  `, { name: 'cf1', scope: { skus: ['CF1'] } }),
];

const SAVING = source(`
  const times = Math.floor(input.netMinor / 1000);
  return { adjustments: times > 0 ? [{ code: 'saving', amountMinor: -150 * times, message: 'saving' }] : [] };
`, { name: 'saving', kind: 'basket' });

function filled(skus: readonly string[]): Item[] {
  const quantities = new Map<string, number>();
  for (const sku of skus) quantities.set(sku, (quantities.get(sku) ?? 0) + 1);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity, unitPriceMinor: pricesMinor[sku]! }));
}
