// One contender of the supervision benchmark, in a separate process. Like the BEAM's script it reads lines such as
// `call 10000`, does that work, and answers each line with `done` or a figure.
import { createInterface } from 'node:readline';
import type { Servers, Work } from './servers.ts';

// Load one contender only, so that the modules of the others are not in its memory.
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
