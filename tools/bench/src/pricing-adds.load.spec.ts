import { runQuick } from './testing/run-script.ts';

interface Found {
  readonly bars: readonly { readonly name: string; readonly ratio: number }[];
}

describe('adds of lines to which many scripts apply', () => {
  it('are compared with adds without scripts, also right after a rollout', async () => {
    const { found, stdout } = await runQuick<Found>('pricing-adds.ts');

    expect(found.bars.map(({ name }) => name)).toEqual(['2 that apply to the line', '4 that apply to the line', 'first second after a rollout']);
    for (const { ratio } of found.bars) expect(ratio).toBeGreaterThan(0);
    expect(stdout).toMatch(/first second after a rollout, CPU an add ÷ without scripts, at most 3: /);
  });
});
