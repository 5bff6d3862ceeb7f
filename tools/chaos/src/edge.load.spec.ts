import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { runEdge } from './edge/edge-run.ts';
import { edgeFindings } from './edge/verdict.ts';

const REQUESTS = 3_000;

describe('hostile requests to every place of every operation', () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await startSystem({ market: 1, orders: 1, inventory: 1, 'producer-consumer': 1 });
  });
  afterAll(() => system.stop());

  it('never hit a bug, and cause no refusal of other clients', async () => {
    const options = { gatewayUrl: system.gatewayUrl, seed: 1, requests: REQUESTS, clients: 12, onProgress: () => undefined };

    const report = await runEdge(options);

    expect(edgeFindings(report)).toEqual([]);
    expect(system.errors()).toEqual([]);
    // The run is meaningful only if some requests are accepted and others refused.
    expect(report.sent).toBe(REQUESTS);
    for (const status of ['200', '201', '400', '404']) expect(report.statuses[status]).toBeGreaterThan(20);
    expect(report.bystanders.attacked.writes).toBeGreaterThan(100);
    expect(report.bystanders.idle.writes).toBeGreaterThan(20);
  });
});
