// The simulator's self-test: plants each bug, and prints the first seed that catches it. Exits with 1 if a bug is not caught,
// or if the control run violates an invariant of its journal.
import { SeedFailed, World, simulateSeeds } from '@aisle/simulation';
import { impatient, plantedBugs, type PlantedBug } from './planted-bugs.ts';
import { clusterScenario } from './scenario.ts';

const SEEDS_MAX = 1_500;
const CONTROL_SEEDS = 100;

// No failure here needs a stack trace, and traces would cost as much time as the protocol itself.
Error.stackTraceLimit = 0;
for (const [name, bug] of Object.entries(plantedBugs)) {
  const found = await firstCatch(bug);
  console.log(`${name.padEnd(34)} ${found ?? 'not caught'}`);
  if (!found) process.exitCode = 1;
}

// An actor that is loaded too early may read a stale state; the key on seq still prevents that a number is written twice.
let conflicts = 0;
const { fromSeed = 1 } = impatient;
for (let seed = fromSeed; seed < fromSeed + CONTROL_SEEDS; seed += 1) {
  const world = new World(seed);
  const violated = await clusterScenario(impatient)(world).then(() => '', (error: Error) => error.message);
  conflicts += world.coverage.count('commit.conflict');
  if (!/^(I[1245]|a bug)/m.test(violated)) continue;
  console.log(`control, seed ${seed}: ${violated}`);
  process.exitCode = 1;
}
console.log(`${'control: the key on seq in place'.padEnd(34)} kept ${conflicts} rows out, the journal is right`);
if (conflicts === 0) process.exitCode = 1;

async function firstCatch({ fromSeed = 1, ...adapters }: PlantedBug): Promise<string | undefined> {
  try {
    await simulateSeeds({ seeds: SEEDS_MAX, from: fromSeed, scenario: clusterScenario(adapters) });
    return undefined;
  } catch (error) {
    if (!(error instanceof SeedFailed)) throw error;
    const [violation = ''] = (error.cause as Error).message.split('\n');
    return `caught by seed ${String(error.seed).padStart(4)}: ${violation.slice(0, 80)}`;
  }
}
