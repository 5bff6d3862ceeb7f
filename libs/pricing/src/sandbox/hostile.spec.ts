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
    const finished: string[] = [];
    const attack = priceBy([sandbox.strategy(version)], [line]).finally(() => finished.push('attack'));
    const neighbour = priceBy([honest], [line]).finally(() => finished.push('neighbour'));

    const { totalMinor, degraded, lines } = await attack;
    const end = await endOf(version, line);

    expect(ends).toContain(end);
    expect({ totalMinor, degraded }).toEqual({ totalMinor: 100 * line.quantity, degraded: end !== 'honest' });
    if (degraded) expect(lines[0]?.skipped).toEqual([expect.objectContaining({ code: 'failed', strategy: 'hostile' })]);
    expect(await neighbour).toMatchObject({ totalMinor: 100 * line.quantity - 1, degraded: false });
    // What does not end waits for two trials; nobody else waits with it.
    if (lines[0]?.skipped[0]?.reason === 'did not end') expect(finished).toEqual(['neighbour', 'attack']);
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
