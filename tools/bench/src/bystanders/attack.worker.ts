// Sends the worst requests from a separate thread, so that building them and reading their answers delays no innocent
// client.
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import type { AttackOrder, AttackReport } from './attacker.ts';
import { prepareWorst, type WorstRequest } from './worst-requests.ts';

const { gatewayUrl } = workerData as { readonly gatewayUrl: string };
const requests = await prepareWorst(gatewayUrl);
let sent = 0;
parentPort?.postMessage(requests.map(({ route }) => route));
parentPort?.on('message', ({ route, forMs }: AttackOrder) => {
  const worst = requests.find((each) => each.route === route) as WorstRequest;
  void attack(worst, forMs).then((report) => parentPort?.postMessage(report));
});

/** Each client sends at least one request, and none after that time. */
async function attack({ atOnce, send }: WorstRequest, forMs: number): Promise<AttackReport> {
  const answers: Record<string, number> = {};
  const untilMs = performance.now() + forMs;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    do {
      const status = await send((sent += 1));
      answers[status] = (answers[status] ?? 0) + 1;
    } while (performance.now() < untilMs);
  }));
  return answers;
}
