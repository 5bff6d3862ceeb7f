// Question: what do servers cost here, compared with the BEAM, nact and xstate? Each contender runs in a process of its
// own and gets the same work in turns; compare within a run.
import { bench, quick } from './harness.ts';
import type { BenchCase, BenchResult } from './harness.ts';
import { printTable } from './load/table.ts';
import { Contender } from './supervision/contender.ts';
import type { Work } from './supervision/servers.ts';

type Name = 'beam' | 'aisle' | 'nact' | 'xstate';

/** The count of each work per `operate`, [quick, full], and the required ratio over the BEAM. */
const WORKS: Partial<Record<Work, { counts: readonly [number, number]; title: string; overBeam: number }>> = {
  call: { title: 'call, 1 caller', counts: [500, 50_000], overBeam: 3 },
  cast: { title: 'cast + sync, 1 sender', counts: [500, 50_000], overBeam: 1 },
  start: { title: 'start + stop, supervised and named', counts: [100, 5_000], overBeam: 1 },
  lookup: { title: 'call through a registry', counts: [500, 50_000], overBeam: 1 },
};
const OVER_NACT = 4;
const MEMORY_SERVERS = quick ? 1_000 : 100_000;
const MEMORY_BYTES_MAX = 1_000;
const RESTARTS = quick ? 20 : 500;
const RESTART_US_MAX = 97;

const contenders = new Map<Name, Contender>();
const beam = await Contender.beam();
if (beam) contenders.set('beam', beam);
else console.log('The BEAM is not installed: run `apt-get install elixir`, then start this again.\n');
for (const name of ['aisle', 'nact', 'xstate'] as const) contenders.set(name, await Contender.node(name));

try {
  const results = await bench('servers', {}, Object.keys(WORKS).flatMap((work) => casesOf(work as Work)));
  for (const work of ['call', 'cast'] as const) {
    const ratio = speed(results, work, 'aisle') / speed(results, work, 'nact');
    judge(`${WORKS[work]?.title}, over nact`, `${ratio.toFixed(1)}x`, ratio >= OVER_NACT);
  }
  await reportFigures('bytes an idle server', 'memory', MEMORY_SERVERS, MEMORY_BYTES_MAX);
  await reportFigures('µs from a kill to the next init, p50', 'restart', RESTARTS, RESTART_US_MAX);
} finally {
  for (const contender of contenders.values()) contender.stop();
}

function casesOf(work: Work): BenchCase<Record<never, never>>[] {
  const { counts, title, overBeam } = WORKS[work]!;
  const count = counts[quick ? 0 : 1];
  return [...contenders]
    .filter(([name]) => work !== 'lookup' || name === 'beam' || name === 'aisle')
    .map(([name, contender]) => ({
      group: title,
      name,
      ...(beam && name === 'aisle' ? { ratioMin: overBeam } : {}),
      open: () => ({ operate: () => contender.do(work, count).then(() => count) }),
    }));
}

function speed(results: readonly BenchResult[], work: Work, name: Name): number {
  const result = results.find((each) => each.group === WORKS[work]?.title && each.name === name);
  return result?.perSecond ?? Number.NaN;
}

async function reportFigures(title: string, work: Work, count: number, most: number): Promise<void> {
  const figures = new Map<Name, number>();
  for (const [name, contender] of contenders) figures.set(name, await contender.do(work, count));
  const known = [...figures].filter(([, figure]) => !Number.isNaN(figure));
  printTable([title, ...known.map(([name]) => name)], [['', ...known.map(([, figure]) => figure.toFixed(1))]]);
  const ours = figures.get('aisle') as number;
  judge(`${title}, at most ${most}`, ours.toFixed(1), ours <= most);
}

function judge(bar: string, measured: string, met: boolean): void {
  console.log(`${bar}: ${measured}, ${met ? 'met' : 'MISSED'}\n`);
  if (!met && !quick) process.exitCode = 1;
}
