import fc from 'fast-check';
import { money } from '../money.ts';
import { at, item } from '../testing/shop.ts';
import { source, startSandbox } from '../testing/script-shop.ts';
import type { Rounding } from '../strategy.ts';
import type { Sandbox } from './sandbox.ts';
import type { ScriptVersion } from './script.ts';

// The arithmetic of `ctx.money` exists a second time, in the sandbox's prelude.
describe('the arithmetic of the sandbox', () => {
  let sandbox: Sandbox;
  let calculator: ScriptVersion;
  beforeAll(async () => {
    sandbox = await startSandbox({ workers: 1 });
    calculator = await sandbox.read(source(`
      const [name, args] = input.attributes.ask;
      let result;
      try { result = ctx.money[name](...args); } catch (e) { result = 'refused'; }
      const message = JSON.stringify(result);
      return { adjustments: [{ code: 'x', amountMinor: 0, message }] };
    `));
  });
  afterAll(() => sandbox.close());

  const safe = fc.maxSafeInteger();
  const small = fc.integer({ min: -2000, max: 2000 });
  const rounding = fc.constantFrom<Rounding>('half-up', 'half-even', 'down', 'up');

  it('rounds as the engine does, for large numbers too', async () => {
    const amount = fc.oneof(small, safe);
    const asks = fc.array(fc.tuple(amount, amount, fc.oneof(fc.integer({ min: -1, max: 9 }), safe), rounding), { minLength: 20, maxLength: 20 });
    await fc.assert(fc.asyncProperty(asks, (list) => agree('mulDiv', list)), { numRuns: 50 });
  });

  it('allocates as the engine does', async () => {
    const weights = fc.array(fc.oneof(fc.nat(100), fc.nat(Number.MAX_SAFE_INTEGER)), { maxLength: 8 });
    const asks = fc.array(fc.tuple(fc.oneof(small, safe), weights), { minLength: 20, maxLength: 20 });
    await fc.assert(fc.asyncProperty(asks, (list) => agree('allocate', list)), { numRuns: 50 });
  });

  async function agree(name: 'mulDiv' | 'allocate', list: readonly unknown[][]): Promise<void> {
    const trials = list.map((args) => ({
      input: { ...item(1, 100), netMinor: 100, attributes: { ask: [name, args] as never } }, context: at,
    }));
    const answers = await sandbox.try(calculator, trials);
    const results = answers.map((answer) =>
      ('adjustments' in answer ? answer.adjustments[0]?.message : answer.code));
    expect(results).toEqual(list.map((args) => JSON.stringify(here(name, args))));
  }

  function here(name: 'mulDiv' | 'allocate', args: readonly unknown[]): unknown {
    try {
      return (money[name] as (...all: readonly unknown[]) => unknown)(...args);
    } catch {
      return 'refused';
    }
  }
});
