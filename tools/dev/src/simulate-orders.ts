// `npm run simulate:orders`: orders at a rate for a running system, and their outcomes.
import { runSimulator } from './simulator/command-line.ts';
import { OrderStream } from './simulator/orders/order-stream.ts';
import { help, parseOptions, type OrderSimulatorOptions } from './simulator/orders/options.ts';
import { stopAfter } from './simulator/stop-after.ts';

const LINE_EVERY_MS = 3_000;

await runSimulator({ help, parseOptions }, simulate);

async function simulate(simulated: OrderSimulatorOptions): Promise<number> {
  const { url, rate, market, seed, durationMs } = simulated;
  // Orders outlive a run, so each run has its own keys.
  const stream = new OrderStream(simulated, await OrderStream.skusOf(simulated), `run-${seed}-${Date.now().toString(36)}`);
  console.log(`${rate} orders a second of ${market} at ${url}, seed ${seed}`);
  const lines = setInterval(() => console.log(lineOf(stream)), LINE_EVERY_MS);
  await stream.send(stopAfter(durationMs));
  clearInterval(lines);
  console.log(lineOf(stream));
  return stream.tally.ends.has('lost') ? 1 : 0;
}

function lineOf({ tally: { sent, taken, refused, ends } }: OrderStream): string {
  const list = (counts: ReadonlyMap<string, number>): string =>
    [...counts].map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
  return `${sent} sent, ${taken} taken; ended: ${list(ends)}; refused: ${list(refused)}`;
}
