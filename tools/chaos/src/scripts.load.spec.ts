import { hostileCorpus } from '@aisle/pricing/testing';
import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { runScripts } from './scripts/scripts-run.ts';

// A bound on hangs.
const WITHIN_MS = 240_000;

describe('hostile scripts, one for each way to fail', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 2, 'basket-manager': 2, orders: 1 });
  });

  afterAll(() => system.stop(), WITHIN_MS);

  it('fail alone, are blamed, and can be switched off while they are asked', async () => {
    const corpus = [...new Map(hostileCorpus.map((script) => [script.ends[0], script])).values()];

    const report = await runScripts({ gatewayUrl: system.gatewayUrl, seed: 1, forMs: 1, corpus, onProgress: () => {} });

    expect(report.findings).toEqual([]);
    expect(report.outcomes.map(({ end }) => end)).toEqual(expect.arrayContaining(['refused', 'blamed', 'harmless']));
    expect(report.felt.attacked.tookMs.length).toBeGreaterThan(20);
    expect(system.errors()).toEqual([]);
  });
});
