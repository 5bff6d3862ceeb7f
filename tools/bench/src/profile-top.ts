// Prints the top entries of V8 CPU profiles: `profile-top.ts <.cpuprofile or folder>... [--top=20] [--skip=0]`.
// Percentages are of the thread's working time. `--skip` leaves out the first seconds, in which modules load and code
// is not compiled.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { printTable } from './load/table.ts';

interface CpuProfile {
  readonly nodes: readonly { id: number; callFrame: CallFrame }[];
  readonly samples: readonly number[];
  /** Microseconds from each sample to the one before it. */
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

const IDLE = '(idle)';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { top: { type: 'string', default: '20' }, skip: { type: 'string', default: '0' } },
});

for (const file of positionals.flatMap(profilesIn)) {
  printTop(file, Number(options.top), Number(options.skip));
}

function printTop(file: string, top: number, skipSeconds: number): void {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const self = selfTimes(profile, skipSeconds * 1e6);
  const totalUs = sum(self.values());
  const workedUs = totalUs - (self.get(IDLE) ?? 0);
  self.delete(IDLE);

  const share = (us: number): string => `${((us / workedUs) * 100).toFixed(1)} %`;
  console.log(`\n${file}: busy for ${(workedUs / 1e6).toFixed(1)} s of ${(totalUs / 1e6).toFixed(1)} s`);
  const packages = new Map<string, number>();
  for (const [where, us] of self) add(packages, packageOf(where), us);
  printTable(['package', 'self'], largest(packages, 12).map(([name, us]) => [name, share(us)]));
  printTable(['function', 'self'], largest(self, top).map(([name, us]) => [name, share(us)]));
}

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, skipUs: number): Map<string, number> {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const self = new Map<string, number>();
  let sinceStartUs = 0;
  for (const [at, deltaUs] of timeDeltas.entries()) {
    sinceStartUs += deltaUs;
    if (sinceStartUs > skipUs) add(self, names.get(samples[at]!) ?? '(unknown)', deltaUs);
  }
  return self;
}

/** `HttpConnection.read tools/bench/src/load/http-connection.ts:91`, or `(program)` for time outside of JavaScript. */
function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  if (!url) return functionName;
  const path = url.replace(/^file:\/\//, '').replace(/^.*\/node_modules\//, 'node_modules/');
  const near = path.startsWith(process.cwd()) ? path.slice(process.cwd().length + 1) : path;
  return `${functionName || '(anonymous)'} ${near}:${lineNumber + 1}`;
}

function packageOf(where: string): string {
  if (!where.includes(':')) return 'V8 and system calls';
  const path = where.slice(where.lastIndexOf(' ') + 1);
  const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  if (name) return name;
  if (path.startsWith('node:')) return path.replace(/:\d+$/, '');
  return path.split('/').slice(0, 2).join('/');
}

function profilesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => basename(name).endsWith('.cpuprofile'))
    .sort()
    .map((name) => join(path, name));
}

function largest(times: ReadonlyMap<string, number>, count: number): [string, number][] {
  return [...times].sort(([, a], [, b]) => b - a).slice(0, count);
}

function add(times: Map<string, number>, name: string, us: number): void {
  times.set(name, (times.get(name) ?? 0) + us);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
