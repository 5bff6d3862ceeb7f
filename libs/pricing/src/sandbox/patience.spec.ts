import { HeldTime } from '../testing/held-time.ts';
import { at, item } from '../testing/shop.ts';
import { priceBy, script, source, startSandbox } from '../testing/script-shop.ts';
import { LIMITS } from './limits.ts';
import type { PricedBasket } from '../engine/priced.ts';
import type { ActiveStrategy, Patience } from '../strategy.ts';
import type { Sandbox } from './sandbox.ts';

// A slow script is killed once, whether it or the machine is to blame. Then it has a second trial.
describe('the patience of an asker', () => {
  let time: HeldTime;
  let sandbox: Sandbox;
  beforeEach(async () => {
    time = new HeldTime();
    sandbox = await startSandbox({ workers: 1, runtime: time.runtime });
  });
  afterEach(() => sandbox.close());

  const busy = (turns: string, name = 'busy'): Promise<ActiveStrategy> => script(sandbox, source(
    `[].indexOf.call({ length: ${turns} }, 1); return { adjustments: [{ code: 'off', amountMinor: -1, message: 'off' }] };`, { name },
  ));
  const ask = (rules: readonly ActiveStrategy[], patience?: Patience, sku = 'GR1'): { basket: Promise<PricedBasket>; isOver: () => boolean } => {
    let isOver = false;
    const basket = priceBy(rules, [item(1, 100, { sku })], [], { ...at, patience }).finally(() => { isOver = true; });
    return { basket, isOver: () => isOver };
  };
  const passTheFirstTrial = (): Promise<void> => {
    const { watchesEnded } = time;
    return time.passUntil(() => time.watchesEnded > watchesEnded);
  };

  it('gives a checkout the price of a script that ends in its second trial, while a keystroke goes on without it', async () => {
    // Longer than the first trial; and in the second no time passes.
    const rules = [await busy('2e7')];
    const [keystroke, checkout] = [ask(rules), ask(rules, 'checkout')];
    await passTheFirstTrial();

    time.pass(LIMITS.suspendedMs);

    expect(await keystroke.basket).toMatchObject({ totalMinor: 100, degraded: true, lines: [{ skipped: [{ reason: 'did not end in time' }] }] });
    expect(await checkout.basket).toMatchObject({ totalMinor: 99, degraded: false });
  });

  it('ends, and well before a command does', async () => {
    const checkout = ask([await busy('2 ** 53 - 1')], 'checkout');
    await passTheFirstTrial();

    time.pass(LIMITS.patientMs - 1);
    expect(checkout.isOver()).toBe(false);
    time.pass(1);

    expect(await checkout.basket).toMatchObject({ totalMinor: 100, degraded: true });
    expect(2 * LIMITS.patientMs).toBeLessThan(4_000);
  });

  it('is not added up over several slow rules', async () => {
    const rules = await Promise.all(['a', 'b', 'c'].map((name) => busy('2 ** 53 - 1', name)));
    for (const rule of rules) {
      const keystroke = ask([rule], 'keystroke', rule.meta.name);
      await time.passUntil(keystroke.isOver);
    }

    // All are suspended by now.
    const checkout = ask(rules, 'checkout');
    await time.passUntil(checkout.isOver);
    const tookMs = time.passedMs;
    const other = ask(rules, 'checkout', 'other');
    await time.passUntil(other.isOver);

    expect((await other.basket).lines[0]?.skipped).toHaveLength(3);
    expect(time.passedMs - tookMs).toBeLessThan(2 * LIMITS.patientMs);
  });
});
