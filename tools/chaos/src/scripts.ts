// `npm run chaos:scripts -- [--minutes 10] [--seed 1] [--only <part of a name>]…`: every script of the hostile corpus
// in force on a system of its own, beside innocent shoppers. Exits with 1 if a script affected others, was not blamed,
// or could not be switched off.
import { readFlags } from '@aisle/dev';
import { startSystem } from '@aisle/dev/testing';
import { hostileCorpus } from '@aisle/pricing/testing';
import { runScripts } from './scripts/scripts-run.ts';
import { scriptsText, slowness } from './scripts/verdict.ts';

const values = readFlags({
  minutes: { type: 'string', default: '10' },
  seed: { type: 'string', default: '1' },
  only: { type: 'string', multiple: true, default: [] },
});
const corpus = hostileCorpus.filter(({ name }) => values.only.length === 0 || values.only.some((part) => name.includes(part)));
if (corpus.length === 0) throw new Error(`no hostile script has this name; the names are:\n${hostileCorpus.map(({ name }) => name).join('\n')}`);
const system = await startSystem({ 'basket-server': 2, 'basket-manager': 2, market: 1, orders: 1, inventory: 1 });
try {
  const report = await runScripts({
    gatewayUrl: system.gatewayUrl, seed: Number(values.seed), forMs: Number(values.minutes) * 60_000, corpus,
    onProgress: (line) => console.log(line),
  });
  const found = [...report.findings, ...slowness(report), ...system.errors().map((line) => `an error was logged: ${line.slice(0, 400)}`)];
  console.log(`\n${scriptsText(report, found)}`);
  process.exitCode = found.length === 0 ? 0 : 1;
} finally {
  await system.stop();
}
