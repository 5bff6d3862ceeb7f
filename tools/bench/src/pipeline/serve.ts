// Our side of the pipeline benchmark, in a separate process like the BEAM's. It reads lines such as `integers 8 1000
// 1000000`, runs such a pipeline, and answers each line with `done`.
import { createInterface } from 'node:readline';
import { runPipeline, type Work } from './aisle.ts';

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [work, ...sizes] = line.split(' ');
  const [consumers = 1, maxDemand = 1, events = 1] = sizes.map(Number);
  const counted = await runPipeline({ work: work as Work, consumers, maxDemand, events });
  console.log(counted === events ? 'done' : `lost: ${counted} of ${events}`);
}
