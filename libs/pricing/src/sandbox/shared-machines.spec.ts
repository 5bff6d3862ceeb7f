import { HeldTime } from '../testing/held-time.ts';
import { off, patiently, priceBy, script, source, startSandbox } from '../testing/script-shop.ts';
import { at, item } from '../testing/shop.ts';
import { ScriptFault } from './script-fault.ts';
import type { PricedBasket } from '../engine/priced.ts';
import type { ActiveStrategy } from '../strategy.ts';
import type { Sandbox } from './sandbox.ts';

const MANY = 70;
const FAULTY = 13;

describe('scripts that share machines', () => {
  let time: HeldTime;
  let sandbox: Sandbox;
  let honest: ActiveStrategy[];
  beforeAll(async () => {
    time = new HeldTime();
    sandbox = await startSandbox({ workers: 1, runtime: time.runtime });
    honest = [];
    for (let index = 0; index < MANY; index += 1) {
      honest.push(await script(sandbox, off(1, { name: `honest-${index}`, priority: 2 * index })));
    }
  });
  afterAll(() => sandbox.close());

  const inTurns = async (price: () => Promise<PricedBasket>): Promise<{ turns: number; basket: PricedBasket }> => {
    const { watchesEnded } = time;
    const basket = await price();
    return { turns: time.watchesEnded - watchesEnded, basket };
  };

  it.each([[1, 'a line'], [40, 'many lines']])('are asked about %d (%s) in one turn of a worker, however many they are', async (count, sku) => {
    const lines = Array.from({ length: count }, (_, index) => item(1, 1_000, { sku: `${sku} ${index}` }));
    const rules = count > 1 ? honest.slice(0, MANY / 2) : honest;

    const { turns, basket } = await inTurns(() => priceBy(rules, lines));

    expect(basket.lines.map(({ netMinor, degraded }) => [netMinor, degraded])).toEqual(lines.map(() => [1_000 - rules.length, false]));
    expect(turns).toBe(1);
  });

  it('get the net that all earlier ones have left, whatever their priorities', async () => {
    const third = (name: string, priority: number): Promise<ActiveStrategy> => script(sandbox, source(
      `return { adjustments: [{ code: 'x', amountMinor: -Math.ceil(input.netMinor / 3), message: '' + input.netMinor }] };`, { name, priority },
    ));
    const rules = [await third('last', -1), ...honest.slice(0, 3), await third('first', 99)];

    const { turns, basket } = await inTurns(() => priceBy(rules, [item(1, 100)]));

    expect(basket.lines[0]?.adjustments.map(({ strategy, message }) => [strategy, message])).toEqual([
      ['first', '100'], ['honest-2', 'off'], ['honest-1', 'off'], ['honest-0', 'off'], ['last', '63'],
    ]);
    expect(turns).toBe(1);
  });

  it.each([
    ['memory', 'used too much memory', `const all = []; for (;;) all.push(new Array(1000).fill(0));`],
    ['caught memory', 'used too much memory', `const all = []; try { for (;;) all.push(new Uint8Array(1e6)); } catch { return { adjustments: [] }; }`],
    ['ticks', 'worked too long', `for (;;);`],
    ['stack', 'threw an error', `const f = () => f() + 1; return f();`],
  ])('go on when one of them runs out of %s, and it alone is blamed', async (what, reason, body) => {
    const version = await sandbox.read(source(
      `if (input.quantity === ${FAULTY}) { ${body} } return { adjustments: [{ code: 'x', amountMinor: -1, message: 'x' }] };`,
      { name: `faulty ${what}`.replace(' ', '-').replace(' ', '-'), priority: MANY },
    ));
    const rules = [...honest, sandbox.strategy(version)];
    const offOf = async (quantity: number): Promise<unknown> => {
      const [line] = (await priceBy(rules, [item(quantity, 100, { sku: what })])).lines;
      return [line!.grossMinor - line!.netMinor, line!.skipped.map((skip) => [skip.strategy, skip.reason])];
    };

    const before = await offOf(1);
    const during = await offOf(FAULTY);
    const after = await offOf(2);
    const [alone] = await sandbox.try(version, [{ input: { ...item(FAULTY, 100), netMinor: 100 * FAULTY }, context: at }]);

    expect([before, after]).toEqual([[MANY + 1, []], [MANY + 1, []]]);
    expect(during).toEqual([MANY, [[version.meta.name, reason]]]);
    expect(alone instanceof ScriptFault && alone.message).toBe(reason);
  });

  it('may come and go', async () => {
    for (let index = 0; index < MANY; index += 1) {
      const version = await sandbox.read(off(index, { name: 'swapped', version: `${index}` }));
      sandbox.keep(new Set([version.sha256, ...honest.map(({ sha256 }) => sha256)]));

      expect((await priceBy([sandbox.strategy(version), honest[index]!], [item(1, 1_000)])).totalMinor).toBe(999 - index);
    }
    expect((await priceBy(honest, [item(2, 1_000)], [], patiently)).totalMinor).toBe(2_000 - MANY);
  });
});
