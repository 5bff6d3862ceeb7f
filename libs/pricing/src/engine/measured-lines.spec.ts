import { builtIn } from '../built-ins/built-in.ts';
import { basketLineInput } from './line.ts';
import { source, startSandbox } from '../testing/script-shop.ts';
import { at, basketBy, configured, item, lineBy, type Params } from '../testing/shop.ts';
import type { BuiltInName } from '../built-ins/built-in.ts';
import type { Item, QuantityUnit, Rounding } from '../strategy.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

const KG: QuantityUnit = { code: 'KGM', scale: 3 };
const POUND: QuantityUnit = { code: 'LBR', scale: 2 };

describe('a line of goods by measure', () => {
  it.each<[unitPriceMinor: number, steps: number, unit: QuantityUnit, rounding: Rounding, grossMinor: number]>([
    [79, 150, POUND, 'half-up', 119], [79, 150, POUND, 'half-even', 118], [79, 150, POUND, 'down', 118], [79, 150, POUND, 'up', 119],
    [1_299, 1_250, KG, 'half-up', 1_624], [1_299, 1_500, KG, 'half-up', 1_949], [1_299, 1_500, KG, 'half-even', 1_948],
    [200, 3, { code: 'C62', scale: 0 }, 'half-up', 600],
  ])('at %d each, %d steps of %j, rounded %s, costs %d', (unitPriceMinor, steps, unit, rounding, grossMinor) => {
    const line = lineBy([], item(steps, unitPriceMinor, { unit }), { ...at, rounding });

    expect(line).toMatchObject({ quantity: steps, unit, grossMinor, netMinor: grossMinor });
  });

  it.each<[rule: BuiltInName, params: Params, steps: number, netMinor: number, needs: number | undefined]>([
    ['bulk-price@1', { from: 2, unitPriceMinor: 1_000 }, 1_500, 1_949, 500],
    ['bulk-price@1', { from: 2, unitPriceMinor: 1_000 }, 2_001, 2_001, undefined],
    ['fraction-from@1', { from: 2, numerator: 1, denominator: 2 }, 1_999, 2_597, 1],
    ['fraction-from@1', { from: 2, numerator: 1, denominator: 2 }, 2_000, 1_299, undefined],
    ['percent-off@1', { percent: 10 }, 500, 585, undefined],
    ['percent-off@1', { percent: 10, from: 3 }, 500, 650, 2_500],
    ['fixed-off@1', { amountMinor: 200, per: 'unit' }, 1_500, 1_649, undefined],
    ['fixed-off@1', { amountMinor: 200 }, 1_500, 1_749, undefined],
    ['buy-n-get-m@1', { buy: 1, free: 1 }, 4_000, 5_196, undefined],
  ])('%s with %j at %d grams comes to %d', (rule, params, steps, netMinor, needs) => {
    const line = lineBy([configured(rule, params)], item(steps, 1_299, { unit: KG }));

    expect(line.netMinor).toBe(netMinor);
    expect(line.skipped[0]?.unitsNeeded).toBe(needs);
  });

  it('says in whole units what is missing', () => {
    const line = lineBy([configured('bulk-price@1', { from: 2, unitPriceMinor: 1_000 })], item(1_500, 1_299, { unit: KG }));

    expect(line.skipped).toMatchObject([{ reason: '0.5 more and each costs less' }]);
  });

  it('is in no set of pieces', () => {
    const ham: Item = { sku: 'HAM', quantity: 3_000, unitPriceMinor: 1_299, unit: KG };

    const { totalMinor, skipped } = basketBy([configured('mix-and-match@1', { count: 3, free: 1 })], [ham, item(2, 100)]);

    expect(totalMinor).toBe(3 * 1_299 + 200);
    expect(skipped).toMatchObject([{ unitsNeeded: 1 }]);
  });

  it.each([{ code: '', scale: 0 }, { code: 'KGM', scale: 4 }, { code: 'KGM', scale: 0.5 }, { code: 7, scale: 0 }, null])(
    'has no unit %j', (unit) => {
      expect(() => lineBy([], item(1, 100, { unit: unit as never }))).toThrow(expect.objectContaining({ code: 'pricing.input' }));
    },
  );

  it('is another line in another unit', () => {
    const rules = [builtIn('percent-off@1', { name: 'ten', version: '1', params: { percent: 10 } })];
    const prices = [undefined, { code: 'KGM', scale: 1 }, KG].map((unit) => lineBy(rules, item(1_000, 100, { unit })).netMinor);

    expect(prices).toEqual([90_000, 9_000, 90]);
  });
});

describe('a script', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ workers: 1 });
  });
  afterAll(() => sandbox.close());

  it('sees the unit and the tax category of a line, and of a line of a basket', async () => {
    const tell = "return { adjustments: [{ code: 'facts', amountMinor: -1, message: JSON.stringify([LINE.unit ?? null, LINE.taxCategory ?? null]) }] };";
    const ofLine = await sandbox.read(source(tell.replaceAll('LINE', 'input'), { name: 'line' }));
    const ofBasket = await sandbox.read(source(tell.replaceAll('LINE', 'input.lines[0]'), { name: 'basket', kind: 'basket' }));
    const told = async (more: Partial<Item>): Promise<unknown> => {
      const line = basketLineInput(lineBy([], item(2, 311, { category: 'tea', ...more })));
      const { netMinor } = line;
      const answers = [
        ...await sandbox.try(ofLine, [{ input: line, context: at }]),
        ...await sandbox.try(ofBasket, [{ input: { lines: [line], grossMinor: netMinor, netMinor, coupons: [] }, context: at }]),
      ];
      return answers.map((answer) => (answer instanceof Error ? answer : JSON.parse(answer.adjustments[0]!.message) as unknown));
    };

    expect(await told({})).toEqual([[null, null], [null, null]]);
    expect(await told({ unit: KG })).toEqual([[KG, null], [KG, null]]);
    expect(await told({ unit: KG, taxCategory: 'reduced' })).toEqual([[KG, 'reduced'], [KG, 'reduced']]);
    expect(await told({ taxCategory: 'zero', lots: [] })).toEqual([[null, 'zero'], [null, 'zero']]);
  });
});
