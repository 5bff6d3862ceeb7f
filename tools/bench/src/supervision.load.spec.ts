import type { BenchResult } from './harness.ts';
import { runQuick } from './testing/run-script.ts';

describe('the supervision benchmark', () => {
  it('gives every installed contender the same work', async () => {
    const { found, stdout } = await runQuick<{ results: BenchResult[] }>('supervision.ts');

    const ran = found.results.filter(({ perSecond }) => perSecond > 0).map(({ group, name }) => `${group}: ${name}`);
    expect(ran).toEqual(
      expect.arrayContaining([
        'call, 1 caller: aisle', 'call, 1 caller: nact', 'call, 1 caller: xstate',
        'cast + sync, 1 sender: aisle', 'start + stop, supervised and named: aisle',
        'call through a registry: aisle',
      ]),
    );
    expect(stdout).toMatch(/bytes an idle server +(beam +)?aisle +nact +xstate/);
    expect(stdout).toMatch(/µs from a kill to the next init, p50 +(beam +)?aisle/);
  });
});
