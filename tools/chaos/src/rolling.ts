// `npm run chaos:rolling -- [--clients 64] [--think 100] [--seed 1] [--lease 1500]`: every process of a system of its
// own is restarted by SIGTERM under load. Exits with 1 if something acknowledged was lost, an answer may not be
// retried, or a client waited for more than 3 s.
import { readFlags } from '@aisle/dev';
import { runRolling } from './rolling/rolling-run.ts';
import { rollingFindings, rollingText } from './rolling/rolling-report.ts';

const values = readFlags({
  clients: { type: 'string', default: '64' },
  think: { type: 'string', default: '100' },
  seed: { type: 'string', default: '1' },
  lease: { type: 'string', default: '1500' },
});
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
const startedAtMs = Date.now();
const report = await runRolling({
  clients: Number(values.clients), thinkMs: Number(values.think), seed: Number(values.seed), leaseMs: Number(values.lease), signal: interruption.signal,
  onProgress: (line) => console.log(`${((Date.now() - startedAtMs) / 1_000).toFixed(1).padStart(7)} s  ${line}`),
});
const found = rollingFindings(report, { waitMaxMs: 3_000 });
console.log(`\n${rollingText(report, found)}`);
if (interruption.signal.aborted) process.exit(130);
process.exit(found.length === 0 ? 0 : 1);
