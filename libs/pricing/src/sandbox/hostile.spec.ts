import { systemRuntime } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { ENTRIES_MAX, checkAnswer } from '../engine/answer.ts';
import { at, item } from '../testing/shop.ts';
import { hostileCorpus } from '../testing/hostile-corpus.ts';
import { off, priceBy, script, source, startSandbox } from '../testing/script-shop.ts';
import { ScriptFault } from './script-fault.ts';
import type { ActiveStrategy, Item } from '../strategy.ts';
import type { HostileEnd } from '../testing/hostile-corpus.ts';
import type { Sandbox } from './sandbox.ts';
import type { ScriptVersion } from './script.ts';

describe('a hostile script', () => {
  let sandbox: Sandbox;
  let honest: ActiveStrategy;
  beforeAll(async () => {
    sandbox = await startSandbox();
    honest = await script(sandbox, off(1, { name: 'honest' }));
  });
  afterAll(() => sandbox.close());

  // Quantities differ, so that no answer is remembered.
  let quantity = 0;
  const nextItem = () => item((quantity += 1), 100);

  it('comes in at least forty shapes', () => {
    expect(hostileCorpus.length).toBeGreaterThanOrEqual(40);
  });

  it.each(hostileCorpus)('with $name ends in a typed fault and a fallback price', async ({ ends, body, before }) => {
    const line = nextItem();
    const version = await readOrRefuse(source(body, { name: 'hostile' }, before));
    if (version === undefined) return expect(ends).toContain('refused');
    const attack = priceBy([sandbox.strategy(version)], [line]);
    const neighbour = priceBy([honest], [line]);

    const { totalMinor, degraded, lines } = await attack;
    const end = await endOf(version, line);

    expect(ends).toContain(end);
    expect({ totalMinor, degraded }).toEqual({ totalMinor: 100 * line.quantity, degraded: end !== 'honest' });
    if (degraded) expect(lines[0]?.skipped).toEqual([expect.objectContaining({ code: 'failed', strategy: 'hostile' })]);
    expect(await neighbour).toMatchObject({ totalMinor: 100 * line.quantity - 1, degraded: false });
  });

  it('that does not end is tried twice, and nobody waits with it', async () => {
    const time = new HeldTime();
    const own = await startSandbox({ workers: 1, runtime: time.runtime });
    const endless = await script(own, source(`[].indexOf.call({ length: 2 ** 53 - 1 }, 1);`, { name: 'endless' }));
    const other = await script(own, off(1));
    const { watchesEnded } = time;
    let finished = '';
    const attack = priceBy([endless], [item(1, 100)]).finally(() => (finished += 'attack'));
    const neighbour = priceBy([other], [item(1, 100)]).finally(() => (finished += 'neighbour '));

    // Up to the first kill; then time stands still, and with it the second trial.
    await time.passUntil(() => time.watchesEnded > watchesEnded);
    expect(await neighbour).toMatchObject({ totalMinor: 99, degraded: false });
    await time.passUntil(() => finished.includes('attack'));
    await own.close();

    expect(finished).toBe('neighbour attack');
    expect(await attack).toMatchObject({ totalMinor: 100, lines: [{ skipped: [{ code: 'failed', reason: 'did not end' }] }] });
  });

  it('that does not end for one basket still answers others', async () => {
    const { time, own, moody, firstKill } = await moodyScript();
    let finished = '';
    const attack = priceBy([moody], [item(13, 100)]).finally(() => (finished += 'attack'));
    const neighbour = priceBy([moody], [item(1, 100)]).finally(() => (finished += 'neighbour '));

    await time.passUntil(firstKill);
    expect(await neighbour).toMatchObject({ totalMinor: 99, degraded: false });
    await time.passUntil(() => finished.includes('attack'));
    await own.close();

    expect(finished).toBe('neighbour attack');
    expect(await attack).toMatchObject({ totalMinor: 1300, degraded: true });
  });

  it('that does not end for many is left out where it would have to be waited for', async () => {
    const { time, own, moody, firstKill } = await moodyScript();
    const reasons: (string | undefined)[] = [];
    const attacks = [1, 2, 3, 4].map(async (times) => {
      const { lines: [line] } = await priceBy([moody], [item(13 * times, 100)]);
      reasons.push(line?.skipped[0]?.reason);
    });

    // Then time stands still, and with it every trial: whoever goes on does so without the script.
    await time.passUntil(firstKill);
    await eventually(() => reasons.length > 0);
    expect(new Set(reasons)).toEqual(new Set(['did not end elsewhere']));
    await time.passUntil(() => reasons.length === attacks.length);
    await own.close();

    expect(reasons.at(-1)).toBe('did not end');
  });

  it('that counts in secret is found out and retired', async () => {
    const faults: ScriptFault[] = [];
    const own = await startSandbox({ workers: 1, onRetired: (_version, fault) => faults.push(fault) });
    const counter = await script(own, source(
      `count += 1; return { adjustments: [{ code: 'x', amountMinor: -(count % 7), message: 'x' }] };`,
      {}, 'let count = 0;',
    ));

    while (faults.length === 0) await priceBy([counter], [nextItem()]);
    await own.close();

    expect(faults).toEqual([expect.objectContaining({ code: 'unrepeatable' })]);
  });

  /** It does not end for thirteen units or a multiple of that, on one thread whose time stands still. */
  async function moodyScript() {
    const time = new HeldTime();
    const own = await startSandbox({ workers: 1, runtime: time.runtime });
    const moody = await script(own, source(
      `if (input.quantity % 13 === 0) [].indexOf.call({ length: 2 ** 53 - 1 }, 1);
       return { adjustments: [{ code: 'off', amountMinor: -1, message: 'off' }] };`, { name: 'moody' },
    ));
    const { watchesEnded } = time;
    return { time, own, moody, firstKill: () => time.watchesEnded > watchesEnded };
  }

  async function readOrRefuse(text: string): Promise<ScriptVersion | undefined> {
    try {
      return await sandbox.read(text);
    } catch (thrown) {
      const code = expect.stringMatching(/^(strategy.source|pricing.rules)$/) as string;
      expect(thrown).toMatchObject({ kind: 'invalid', code });
      return undefined;
    }
  }

  async function endOf(version: ScriptVersion, line: Item): Promise<HostileEnd> {
    const netMinor = 100 * line.quantity;
    const [answer] = await sandbox.try(version, [{ input: { ...line, netMinor }, context: at }]);
    if (answer instanceof ScriptFault) return answer.code as HostileEnd;
    try {
      checkAnswer(answer, { netMinor, surcharge: false, entriesMax: ENTRIES_MAX });
      return 'honest';
    } catch {
      return 'contract';
    }
  }
});

/** The system's timers by a clock that the test moves: no busy machine makes a script look endless. */
class HeldTime {
  watchesEnded = 0;
  private nowMs = 0;

  readonly runtime: Runtime = {
    ...systemRuntime,
    clock: { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs },
    timers: {
      ...systemRuntime.timers,
      every: (intervalMs, run) => {
        const timer = systemRuntime.timers.every(intervalMs, run);
        return { cancel: () => { this.watchesEnded += 1; timer.cancel(); } };
      },
    },
  };

  async passUntil(isOver: () => boolean): Promise<void> {
    await eventually(() => {
      if (!isOver()) this.nowMs += 60;
      expect(isOver()).toBe(true);
    });
  }
}
