// Question: how long does a newcomer wait for `npm start`, and a shop for a process that died? The first start bundles the
// sources and makes the database, the second one finds both. Then one process after another gets SIGKILL.
//
// `--loops=4` keeps four endless loops running beside. `--rounds` repeats everything; medians are compared with the bars.
// `--quick` is one round with one killed process. `--json=file` writes the figures.
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFlags } from '@aisle/dev';
import { quantile } from '@aisle/std';
import { LaunchedSystem, withDataDir } from './load/launched-system.ts';
import { THIS_CHECKOUT } from './load/node-process.ts';
import { printTable } from './load/table.ts';

const BARS = { first: 12, second: 6, 'one process': 3, 'back after kill -9': 1 } as const;
type Figure = keyof typeof BARS;

const flags = readFlags({
  quick: { type: 'boolean', default: false }, rounds: { type: 'string' }, loops: { type: 'string', default: '0' }, json: { type: 'string' },
});
const ROUNDS = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const KILLED = flags.quick ? ['inventory'] : ['basket-server-1', 'basket-manager-1', 'gateway', 'market', 'orders', 'inventory'];
const BUNDLES = join(THIS_CHECKOUT, 'node_modules', '.cache', 'aisle-programs');

const found: Record<Figure, number[]> = { first: [], second: [], 'one process': [], 'back after kill -9': [] };
const loops = Array.from({ length: Number(flags.loops) }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
try {
  for (let round = 0; round < ROUNDS; round += 1) await withDataDir(measure);
} finally {
  for (const loop of loops) loop.kill('SIGKILL');
}
process.exitCode = report();

async function measure(dataDir: string): Promise<void> {
  if (!flags.quick) rmSync(BUNDLES, { recursive: true, force: true });
  await during('first', dataDir);
  await during('second', dataDir, async (system) => {
    for (const instance of KILLED) found['back after kill -9'].push(await secondsUntilBack(system, instance));
  });
  await during('one process', dataDir, undefined, '--one-process');
}

/** The time from the command to the banner, as a user sees it. */
async function during(figure: Figure, dataDir: string, use?: (system: LaunchedSystem) => Promise<void>, ...args: string[]): Promise<void> {
  const beganMs = performance.now();
  const system = await LaunchedSystem.start(dataDir, ...args);
  found[figure].push((performance.now() - beganMs) / 1_000);
  try {
    await use?.(system);
  } finally {
    await system.stop();
  }
}

async function secondsUntilBack(system: LaunchedSystem, instance: string): Promise<number> {
  const line = system.lines.length;
  const beganMs = performance.now();
  process.kill(system.pids.get(instance)!, 'SIGKILL');
  await system.printed(new RegExp(`✓ ${instance} is back`), line);
  return (performance.now() - beganMs) / 1_000;
}

function report(): number {
  const rows = Object.entries(BARS).map(([name, max]) => ({ name, max, seconds: quantile(found[name as Figure], 0.5)! }));
  printTable(
    ['', 'median s', 'all', 'at most s', ''],
    rows.map(({ name, max, seconds }) => [
      name, seconds.toFixed(1), found[name as Figure].map((each) => each.toFixed(1)).join(' '), String(max), seconds <= max ? 'met' : 'MISSED',
    ]),
  );
  if (flags.json) writeFileSync(flags.json, JSON.stringify(rows));
  return flags.quick || rows.every(({ max, seconds }) => seconds <= max) ? 0 : 1;
}
