import { VirtualRuntime } from '@aisle/std/testing';
import { HeldTime } from '../testing/held-time.ts';
import { at, item } from '../testing/shop.ts';
import { off, priceBy, script, source, startSandbox } from '../testing/script-shop.ts';
import { Trials } from './trials.ts';
import type { ScriptFault } from './script-fault.ts';

const ENDLESS = `[].indexOf.call({ length: 2 ** 53 - 1 }, 1);`;
const BUSY = { kind: 'throttled', code: 'sandbox.busy', details: { waitingMax: 8, retryAfterMs: 1_000 } };

describe('admission to trials', () => {
  let runtime: VirtualRuntime;
  let trials: Trials;
  beforeEach(() => {
    runtime = new VirtualRuntime();
    // No script is asked here, so no thread is started.
    trials = new Trials(runtime, undefined as never);
  });

  /** Work that goes on until the test ends it. */
  function admit(): { end: () => void; done: Promise<string>; began: () => boolean } {
    let end: () => void = () => undefined;
    let hasBegun = false;
    const ended = new Promise<void>((resolve) => { end = resolve; });
    const done = trials.admit(async () => {
      hasBegun = true;
      await ended;
      return 'done';
    });
    done.catch(() => undefined);
    return { end, done, began: () => hasBegun };
  }

  it('is given to one caller after another, in order', async () => {
    const [first, second, third] = [admit(), admit(), admit()];
    await runtime.settle();
    expect([first, second, third].map(({ began }) => began())).toEqual([true, false, false]);

    first.end();
    await runtime.settle();

    expect(await first.done).toBe('done');
    expect([second, third].map(({ began }) => began())).toEqual([true, false]);
  });

  it('is given to the next caller when work fails', async () => {
    const failing = trials.admit(() => Promise.reject(new Error('no')));
    const next = trials.admit(() => Promise.resolve('next'));

    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
  });

  it('is refused at once when too many wait', async () => {
    const works = Array.from({ length: 9 }, admit);

    await expect(admit().done).rejects.toMatchObject(BUSY);
    for (const { end } of works) end();
    expect(await Promise.all(works.map(({ done }) => done))).toEqual(Array(9).fill('done'));
    expect(await trials.admit(() => Promise.resolve('again'))).toBe('again');
  });

  it('is refused to a caller that has waited too long, and to no other', async () => {
    const [first, second] = [admit(), admit()];
    await runtime.advance(1_500);
    const third = admit();

    await runtime.advance(500);

    await expect(second.done).rejects.toMatchObject(BUSY);
    first.end();
    await runtime.settle();
    expect(third.began()).toBe(true);
    expect(runtime.pendingTimers).toBe(0);
  });

  it('ends with the sandbox', async () => {
    const [, second] = [admit(), admit()];

    await trials.close();

    await expect(second.done).rejects.toMatchObject({ code: 'sandbox.closed' });
    await expect(admit().done).rejects.toMatchObject({ code: 'sandbox.closed' });
  });
});

describe('a trial', () => {
  it('of a script that does not end keeps no live price waiting, and no other script from being read', async () => {
    const sandbox = await startSandbox({ workers: 1 });
    const honest = await script(sandbox, off(1, { name: 'honest' }));
    const endless = await sandbox.read(source(`if (input.quantity > 0) ${ENDLESS} return { adjustments: [] };`, { name: 'endless' }));
    const ended: string[] = [];
    const trial = sandbox.try(endless, [{ input: { ...item(1, 100), netMinor: 100 }, context: at }]).finally(() => ended.push('trial'));

    const prices = await Promise.all([1, 2, 3].map((quantity) => priceBy([honest], [item(quantity, 100)])));
    ended.push('prices');
    const read = await sandbox.read(off(2, { name: 'other' }));

    expect(prices.map(({ totalMinor, degraded }) => [totalMinor, degraded])).toEqual([[99, false], [199, false], [299, false]]);
    expect(read.meta.name).toBe('other');
    expect((await trial as ScriptFault[]).map(({ code }) => code)).toEqual(['killed']);
    expect(ended).toEqual(['prices', 'trial']);
    await sandbox.close();
  });

  it('has a thread of its own, which ends when idle and comes again', async () => {
    const time = new HeldTime();
    const sandbox = await startSandbox({ workers: 1, runtime: time.runtime });
    await sandbox.read(off(1));

    time.pass(30_000);

    expect((await sandbox.read(off(2))).meta.name).toBe('script');
    await sandbox.close();
  });
});
