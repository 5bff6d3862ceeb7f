import { quickChaos } from './quick-chaos.ts';
import { quickNemeses } from './nemeses/schedule.ts';
import { textOf } from './verdict/report.ts';

describe('a minute of chaos', () => {
  it('breaks no promise, and every nemesis hits', async () => {
    const report = await quickChaos({ seed: 1, onProgress: () => {} });

    const text = textOf(report);
    expect(text).toContain('no promise was broken');
    expect(report.hits.map(({ name }) => name)).toEqual(quickNemeses.map(({ name }) => name));
    expect(report.acknowledged).toBeGreaterThan(100);
  });
});
