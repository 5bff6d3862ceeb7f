import { join, relative } from 'node:path';
import { strategiesFolder } from '../workspace.ts';
import type { AppProcess } from './app-process.ts';
import type { Terminal } from './terminal.ts';

const QUOTE = `-H 'content-type: application/json' -d '{"items": ["GR1","SR1","GR1","GR1","CF1"]}'`;

/** The running processes with their addresses, and a request to try. */
export function banner(
  terminal: Terminal,
  system: { apps: readonly AppProcess[]; gatewayPort: number; adminKey: string | undefined; dataDir: string; tookMs: number },
) {
  const { apps, gatewayPort, adminKey, dataDir, tookMs } = system;
  const url = `http://localhost:${gatewayPort}`;
  const row = (name: string, ...cells: string[]) =>
    terminal.line(`  ${name.padEnd(18)} ${cells.join('  ')}`);
  terminal.line();
  terminal.line(terminal.paint('bold', `Aisle is up after ${(tookMs / 1000).toFixed(1)} s.`));
  terminal.line();
  row('API', url);
  row('documentation', `${url}/docs`);
  if (adminKey === undefined) row('access', 'every program of this machine may do everything; npm start -- --secure asks for keys');
  else row('access', `only with a key; the administrator's, shown only now: ${adminKey}`);
  const live = apps.find(({ spec }) => spec.instance === 'producer-consumer')?.port;
  if (live !== undefined) row('pipeline', `http://localhost:${live}`);
  for (const { spec, identity, opsUrl } of apps) {
    row(spec.instance, `ops ${opsUrl}`, `pid ${identity?.pid}`);
  }
  row('strategies', `${shortPath(strategiesFolder())}/*.ts, active once saved`);
  row('logs', shortPath(join(dataDir, 'logs')), 'npm run logs follows them');
  terminal.line();
  terminal.line('Try:');
  const credential = adminKey === undefined ? '' : ` -H 'authorization: Bearer ${adminKey}'`;
  terminal.line(`  curl -s ${url}/v1/markets/m1/quotes${credential} ${QUOTE}`);
  terminal.line();
  terminal.line('Ctrl-C stops everything.');
}

/** Relative to the present folder if it is below it, otherwise absolute. */
function shortPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? path : below;
}
