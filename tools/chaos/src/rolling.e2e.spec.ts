import { rollingFindings } from './rolling/rolling-report.ts';
import { runRolling, type RollingReport } from './rolling/rolling-run.ts';

// A bound on hangs: a dozen processes start twice.
const WITHIN_MS = 1_800_000;

describe('a restart of every process, one after the other, under 64 clients', () => {
  let report: RollingReport;

  beforeAll(async () => {
    // Restarts are tried here, not takeovers: on a busy machine a short lease lapses by itself.
    report = await runRolling({ clients: 64, thinkMs: 400, seed: 1, leaseMs: 20_000, onProgress: () => undefined });
  }, WITHIN_MS);

  it('loses nothing that was acknowledged, and fails in no way but those that may be repeated', () => {
    expect(rollingFindings(report)).toEqual([]);
  });

  it('leaves no request without an answer', () => {
    expect([...report.retried.keys()].filter((what) => !/^(429|503|504) |^ECONNREFUSED$/.test(what))).toEqual([]);
  });

  it('serves all the while', () => {
    expect(report.restarts).toHaveLength(14);
    expect(report.restarts.filter(({ waits }) => waits.length === 0)).toEqual([]);
  });
});
