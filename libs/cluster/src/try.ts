import { World } from '@aisle/simulation';
import { clusterScenario } from './testing/scenario.ts';
import { plantedBugs, impatient } from './testing/planted-bugs.ts';
const [from, count, plant] = [Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 1), process.argv[4]];
const t0 = Date.now(); let bad = 0; const cov: Record<string, number> = {}; const kinds: Record<string, number> = {};
const adapters = plant === 'impatient' ? impatient : plant ? plantedBugs[plant]! : {};
for (let seed = from; seed < from + count; seed++) {
  const w = new World(seed);
  if (count === 1) (globalThis as any).TRACE = (p: string, ...a: unknown[]) => w.note(JSON.stringify(a), p);
  try { await clusterScenario(adapters)(w); } catch (e) { bad++; const m = (e as Error).message; const k = m.slice(0, 22); kinds[k] = (kinds[k] ?? 0) + 1; if (bad <= 6) console.log(seed, m.slice(0, count === 1 ? 5000 : 700)); }
  for (const [k, n] of Object.entries(w.coverage.counts())) cov[k] = (cov[k] ?? 0) + n;
  if (count === 1) console.log(w.lastEvents(600).join('\n'));
}
console.log({ bad, kinds, ms: (Date.now() - t0) / count }); if (process.argv[5] || !plant) console.log(cov);
process.exit(0);
