// `npm run chaos:edge -- [--requests 50000] [--seed 1]`: hostile requests to a system of its own, made from its OpenAPI
// document, beside innocent clients. Exits with 1 if an answer was 500, or innocent clients were affected.
import { readFlags } from '@aisle/dev';
import { startSystem } from '@aisle/dev/testing';
import { edgeFindings, edgeText } from './edge/verdict.ts';
import { runEdge } from './edge/edge-run.ts';

const values = readFlags({
  requests: { type: 'string', default: '50000' },
  seed: { type: 'string', default: '1' },
});
const system = await startSystem({ market: 1, orders: 1, inventory: 1, 'producer-consumer': 1 });
try {
  const report = await runEdge({
    gatewayUrl: system.gatewayUrl, seed: Number(values.seed), requests: Number(values.requests), clients: 8,
    onProgress: (line) => console.log(line),
  });
  const found = edgeFindings(report);
  console.log(edgeText(report, found));
  for (const line of system.errors().slice(0, 20)) console.log(line);
  process.exitCode = found.length === 0 && system.errors().length === 0 ? 0 : 1;
} finally {
  await system.stop();
}
