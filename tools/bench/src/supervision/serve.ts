// One contender of the supervision benchmark, in a process of its own. As the BEAM's script does: reads
// lines such as `call 10000`, does so many, and answers each line with `done` or a figure.
import { createInterface } from 'node:readline';
import type { Servers, Work } from './servers.ts';

// One of them only: what the others load would be in its memory.
const contenders: Record<string, () => Promise<{ servers: Servers }>> = {
  aisle: () => import('./aisle.ts'),
  nact: () => import('./nact.ts'),
  xstate: () => import('./xstate.ts'),
};

const { servers } = await contenders[process.argv[2] ?? 'aisle']!();
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [work, count] = line.split(' ') as [Work, string];
  console.log((await servers[work]?.(Number(count))) ?? 'done');
}
