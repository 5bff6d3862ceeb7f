// `npm run logs`: the logs of every process, in one place.
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { Folding, type ShownLine } from './logs/folding.ts';
import type { Level } from './logs/log-line.ts';
import { LogReader, instancesOf } from './logs/log-reader.ts';
import { isMeant, isShown, logsHelp, parseLogsOptions, type LogsOptions } from './logs/logs-options.ts';
import { textOf, timeText } from './logs/show-line.ts';
import { defaultDataDir } from './workspace.ts';

const LOOK_MS = 200;
const COLOURS: Readonly<Record<Level, Parameters<typeof styleText>[0]>> = { debug: 'dim', info: 'reset', warn: 'yellow', error: 'red' };

const coloured = process.stdout.isTTY && !process.env['NO_COLOR'];
// The reader of our output may end first, as `head` does.
process.stdout.on('error', () => process.exit(0));

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;
  const dataDir = defaultDataDir();
  const instances = instancesOf(dataDir);
  if (instances.length === 0) {
    console.error(`no logs in ${dataDir}: start the system with npm start`);
    return 1;
  }
  if (!instances.some((instance) => isMeant(options.app, instance))) {
    console.error(`no log of ${options.app}; the logs are ${instances.join(', ')}`);
    return 1;
  }
  await follow(dataDir, options);
  return 0;
}

function readOptions(): LogsOptions | number {
  try {
    const options = parseLogsOptions(process.argv.slice(2));
    if (options !== 'help') return options;
    console.log(logsHelp);
    return 0;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${logsHelp}`);
    return 2;
  }
}

async function follow(dataDir: string, options: LogsOptions) {
  const reader = new LogReader(dataDir, (instance) => isMeant(options.app, instance));
  const folding = new Folding();
  const wanted = reader.read({ old: options.trace !== undefined }).filter((line) => isShown(line, options));
  const shown = [...wanted.flatMap((entry) => folding.take(entry)), ...(options.once ? folding.due(Infinity) : [])];
  for (const line of options.lines === Infinity ? shown : shown.slice(Math.max(0, shown.length - options.lines))) show(line);
  while (!options.once) {
    await sleep(LOOK_MS);
    const fresh = reader.read().filter((line) => isShown(line, options));
    for (const line of [...fresh.flatMap((entry) => folding.take(entry)), ...folding.due(Date.now())]) show(line);
  }
}

function show({ instance, line, more }: ShownLine) {
  const { level } = line;
  const text = `${timeText(line.timeMs)} ${(level ?? '').padEnd(5)} ${instance.padEnd(18)} ${textOf(line)}${more > 0 ? ` (and ${more} more like it)` : ''}`;
  console.log(coloured && level ? styleText(COLOURS[level], text) : text);
}

process.exit(await main());
