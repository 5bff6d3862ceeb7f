// One contender of the supervision benchmark, in a process of its own. As the BEAM's script does: reads
// lines such as `call 10000`, does so many, and answers each line with `done` or a figure.
import { createInterface } from 'node:readline';
import type { Servers, Work } from './servers.ts';

const { servers } = (await import(`./${process.argv[2]}.ts`)) as { servers: Servers };
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [work, count] = line.split(' ') as [Work, string];
  console.log((await servers[work]?.(Number(count))) ?? 'done');
}
