import { at, item } from '../testing/shop.ts';
import { HeldTime } from '../testing/held-time.ts';
import { hostileCorpus } from '../testing/hostile-corpus.ts';
import { off, priceBy, script, source, startSandbox } from '../testing/script-shop.ts';
import { LIMITS } from './limits.ts';
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

  // Quantities differ, so that no answer comes from the cache.
  let quantity = 0;
  const nextItem = () => item((quantity += 1), 100);

  it('comes in more than a hundred shapes', () => {
    expect(new Set(hostileCorpus.map(({ name }) => name)).size).toBe(hostileCorpus.length);
    expect(hostileCorpus.length).toBeGreaterThan(100);
  });

  it.each(hostileCorpus)('with $name ends in a typed fault and a fallback price', async ({ ends, body, before, meta }) => {
    const line = nextItem();
    const version = await readOrRefuse(source(body, { name: 'hostile', ...meta }, before));
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

  describe('that does not end, on one thread whose time stands still', () => {
    const ENDLESS = 13;
    let time: HeldTime;
    let own: Sandbox;
    let moody: ActiveStrategy;
    let other: ActiveStrategy;
    let faults: ScriptFault[];
    let firstKill: () => boolean;
    beforeEach(async () => {
      time = new HeldTime();
      faults = [];
      own = await startSandbox({ workers: 1, runtime: time.runtime, onRetired: (_version, fault) => faults.push(fault) });
      moody = await script(own, source(
        `if (input.quantity % ${ENDLESS} === 0) [].indexOf.call({ length: 2 ** 53 - 1 }, 1);
         return { adjustments: [{ code: 'off', amountMinor: -1, message: 'off' }] };`, { name: 'moody' },
      ));
      other = await script(own, off(1));
      const { watchesEnded } = time;
      firstKill = () => time.watchesEnded > watchesEnded;
    });
    afterEach(() => own.close());

    const hastily = (rules: readonly ActiveStrategy[], items: readonly Item[]) => priceBy(rules, items, [], at);

    it('is tried once more in isolation, where no other rule and no other question of this one waits', async () => {
      const attack = hastily([moody], [item(ENDLESS, 100)]);
      const neighbours = [moody, other].map((rule) => hastily([rule], [item(1, 100)]));

      // From here on no time passes, so the second trial does not end.
      await time.passUntil(firstKill);

      expect(await Promise.all(neighbours)).toMatchObject([{ totalMinor: 99, degraded: false }, { totalMinor: 99, degraded: false }]);
      time.pass(LIMITS.suspendedMs);
      expect(await attack).toMatchObject({
        totalMinor: 100 * ENDLESS, degraded: true, lines: [{ skipped: [{ code: 'failed', reason: 'did not end in time' }] }],
      });
    });

    it('keeps no basket waiting for its trials, however many questions it did not end', async () => {
      const attacks = [1, 2, 3, 4].map((times) => hastily([moody], [item(ENDLESS * times, 100)]));
      await time.passUntil(firstKill);

      time.pass(LIMITS.suspendedMs);

      expect(await Promise.all(attacks)).toMatchObject(attacks.map(() => ({ degraded: true })));
    });

    it('is blamed even for trials whose answer nobody awaits', async () => {
      for (let times = 1; faults.length === 0; times += 1) {
        const attack = hastily([moody], [item(ENDLESS * times, 100)]);
        let isOver = false;
        void attack.then(() => { isOver = true; });
        await time.passUntil(() => isOver);
      }

      expect(faults).toEqual([expect.objectContaining({ code: 'killed' })]);
      await expect(hastily([moody], [item(1, 100)])).resolves.toMatchObject({ degraded: true });
    });
  });

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
    const [answer] = await sandbox.try(version, [{ input: { ...line, netMinor: 100 * line.quantity }, context: at }]);
    return answer instanceof ScriptFault ? answer.code as HostileEnd : 'honest';
  }
});
