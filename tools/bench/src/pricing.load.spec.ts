import { runScript } from './testing/run-script.ts';

describe('the pricing benchmark', () => {
  it('prices by scripts, built-ins and its peer, attacks, and swaps', async () => {
    const stdout = await runScript('pricing.ts', '--quick');

    for (const contender of ['25 scripts', '25 built-ins', 'json-rules-engine, 23 rules']) {
      expect(stdout).toMatch(new RegExp(`in full, cold +${contender} +[1-9]`));
    }
    expect(stdout).toMatch(/delay to another basket, ms, at most 100: [\d.]+/);
    expect(stdout).toMatch(/growth of the process, MiB, at most 64: /);
    expect(stdout).toMatch(/25 swaps of a script, [\d.]+ ms each/);
    expect(stdout).toMatch(/growth from 5 to 25 swaps of a script, MiB, at most 32: /);
  });
});
