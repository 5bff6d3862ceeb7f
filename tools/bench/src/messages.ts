// Question: what does it cost to validate a message on entry into a process? Compare runs, not machines. `npm run
// bench:messages`
import { BasketProtocol } from '@aisle/contracts';

const ROUNDS = 7;
const schema = BasketProtocol.change.bodySchema;
if (!schema) throw new Error('the call change has no body schema');

const changeOf = (lines: number) => ({
  ifMatch: 3,
  operations: Array.from({ length: lines }, (_, index) => ({ op: 'add', sku: `SKU-${index}`, quantity: 1 + index })),
});

console.log('lines   compiled µs   zod µs');
for (const lines of [1, 10, 100, 500]) {
  const body = changeOf(lines);
  const calls = Math.ceil(100_000 / lines);
  const compiled = best(calls, () => BasketProtocol.change.bodyOf(body));
  const byZod = best(calls, () => schema.parse(body));
  console.log(`${String(lines).padStart(5)} ${compiled.toFixed(2).padStart(13)} ${byZod.toFixed(2).padStart(8)}`);
}

/** Microseconds per call, in the best of some rounds. */
function best(calls: number, run: () => unknown): number {
  let bestUs = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedNs = process.hrtime.bigint();
    for (let call = 0; call < calls; call += 1) run();
    bestUs = Math.min(bestUs, Number(process.hrtime.bigint() - startedNs) / 1_000 / calls);
  }
  return bestUs;
}
