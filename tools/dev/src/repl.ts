// `npm run repl`: a prompt on the system that `npm start` runs, through its gateway and its ops ports.
import { join } from 'node:path';
import { start } from 'node:repl';
import { runningSystem } from './launcher/running.ts';
import { awaitResults } from './repl/awaiting.ts';
import { USAGE, commandsFor } from './repl/commands.ts';
import { Gateway } from './repl/gateway.ts';
import { Processes } from './repl/processes.ts';
import { defaultDataDir } from './workspace.ts';

const dataDir = defaultDataDir();
const url = process.env['AISLE_URL'] || runningSystem(dataDir)?.urls[0];
if (url === undefined) {
  console.error(`no system runs from ${dataDir}: start one with npm start, or set AISLE_URL to a gateway`);
  process.exit(1);
}

console.log(`Aisle at ${url}. help() lists the functions; Ctrl-D ends.`);
const server = start({ prompt: 'aisle> ', ignoreUndefined: true });
const allDone = awaitResults(server);
const help = (): void => {
  const width = 32;
  for (const [call, what] of USAGE) console.log(call.length < width ? `  ${call.padEnd(width)} ${what}` : `  ${call}\n  ${''.padEnd(width)} ${what}`);
};
Object.assign(server.context, commandsFor(new Gateway(url), new Processes(dataDir)), { help });
if (process.stdin.isTTY) server.setupHistory(join(dataDir, 'repl-history'), () => undefined);
server.on('exit', () => void allDone().then(() => process.exit(0)));
