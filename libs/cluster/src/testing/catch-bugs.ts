// The simulator's test of itself: plants each bug, and prints the first seed that catches it, of those that are tried. Exits
// with 1 when one is not caught, or when the control breaks its journal.
import { SeedFailed, World, simulateSeeds } from '@aisle/simulation';
import { impatient, plantedBugs, type PlantedBug } from './planted-bugs.ts';
import { clusterScenario } from './scenario.ts';

const SEEDS_MAX = 1_500;
const CONTROL_SEEDS = 100;

// A stack trace is wanted of no failure in here, and costs as much as the protocol itself.
Error.stackTraceLimit = 0;
for (const [name, bug] of Object.entries(plantedBugs)) {
  const found = await firstCatch(bug);
  console.log(`${name.padEnd(34)} ${found ?? 'not caught'}`);
  if (!found) process.exitCode = 1;
}

// Loaded too early, an actor may read what is stale; the key on seq still lets no number be written twice.
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
