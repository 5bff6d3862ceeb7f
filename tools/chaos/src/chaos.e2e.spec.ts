import { quickChaos } from './quick-chaos.ts';
import { quickNemeses } from './nemeses/schedule.ts';
import { textOf } from './verdict/report.ts';

// A bound on hangs; the run takes less than a minute.
const WITHIN_MS = 240_000;

describe('a minute of chaos', () => {
  it('breaks no promise, and every nemesis hits', async () => {
    const report = await quickChaos({ seed: 1, onProgress: () => {} });

    const text = textOf(report);
    expect(text).toContain('no promise was broken');
    expect(report.hits.map(({ name }) => name)).toEqual(quickNemeses.map(({ name }) => name));
    expect(report.acknowledged).toBeGreaterThan(100);
  }, WITHIN_MS);
});
