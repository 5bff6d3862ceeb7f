// Question: what does the whole system cost while nobody uses it? Processor time, memory and WAL of each process, as
// `npm start` starts it. The launcher and the keeper of the servers are shown, and not counted: no deployment has them.
//
// `--seconds` is the length of the measurement, after a pause in which the system comes to rest; `--quick` takes a moment.
// `--json=file` writes the figures. Linux only.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureInfra, readFlags } from '@aisle/dev';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { CpuMeter, type MeteredProcess } from './load/cpu.ts';
import { LaunchedSystem, withDataDir } from './load/launched-system.ts';
import { serverProcesses } from './load/server-processes.ts';
import { printTable } from './load/table.ts';
import { WalMeter } from './load/wal.ts';

const CPU_MS_MAX = 40;
const PSS_MIB_MAX = 750;
const WAL_MB_MAX = 100;
const SECONDS_A_DAY = 86_400;

const flags = readFlags({
  quick: { type: 'boolean', default: false }, seconds: { type: 'string' }, json: { type: 'string' },
});
// PostgreSQL vacuums the seeded tables in the first minute or two.
const restMs = flags.quick ? 0 : 120_000;
const measuredMs = Number(flags.seconds ?? (flags.quick ? 1 : 60)) * 1_000;

process.exitCode = await withDataDir(async (dataDir) => {
  const system = await LaunchedSystem.start(dataDir);
  try {
    return await measure(system, dataDir);
  } finally {
    await system.stop();
  }
});

async function measure(system: LaunchedSystem, dataDir: string): Promise<number> {
  const infra = await ensureInfra({ dataDir });
  const redis = new Redis(infra.redisUrl);
  const admin = new Client({ connectionString: infra.adminDatabaseUrl });
  await admin.connect();
  try {
    const servers = (await serverProcesses(redis, admin)).filter(({ name }) => name !== 'load');
    const processes = [...[...system.pids].map(([name, pid]) => ({ name, pid })), ...servers];
    const wal = await WalMeter.on(admin);
    await sleep(restMs);
    const from = await wal.position();
    const cpu = new CpuMeter(processes);
    await sleep(measuredMs);
    const split = cpu.split();
    const { bytes, fullPageBytes, commits } = await wal.written(from, await wal.position());
    return report({ processes, split, walBytes: bytes - fullPageBytes, commits });
  } finally {
    await Promise.all([redis.quit(), admin.end()]);
    await infra.release();
  }
}

function report({ processes, split, walBytes, commits }: {
  processes: readonly MeteredProcess[]; split: ReadonlyMap<string, number>; walBytes: number; commits: number;
}): number {
  const rows = processes.map((each) => ({ name: each.name, cpuMs: split.get(each.name)! * 1_000, pssMiB: pssMiBOf(each) }));
  const total = { cpuMs: sum(rows.map(({ cpuMs }) => cpuMs)), pssMiB: sum(rows.map(({ pssMiB }) => pssMiB)) };
  const walMbADay = (walBytes / measuredMs) * 1_000 * SECONDS_A_DAY / 1e6;
  printTable(
    ['process', 'CPU ms/s', 'Pss MiB'],
    [...rows, { name: 'all', ...total }].map(({ name, cpuMs, pssMiB }) => [name, cpuMs.toFixed(1), pssMiB.toFixed(0)]),
  );
  console.log(`commits/s: ${(commits / measuredMs * 1_000).toFixed(1)}`);
  const bars = [
    { name: 'CPU, ms/s', found: total.cpuMs, max: CPU_MS_MAX },
    { name: 'memory, MiB', found: total.pssMiB, max: PSS_MIB_MAX },
    // A page is written whole once after each checkpoint, so a minute says nothing about a day.
    { name: 'WAL, MB a day, full pages apart', found: walMbADay, max: WAL_MB_MAX },
  ];
  for (const { name, found, max } of bars) {
    console.log(`${name}, at most ${max}: ${found.toFixed(1)}, ${found <= max ? 'met' : 'MISSED'}`);
  }
  if (flags.json) writeFileSync(flags.json, JSON.stringify({ rows, bars, commits }, null, 2));
  return flags.quick || bars.every(({ found, max }) => found <= max) ? 0 : 1;
}

/** Proportional set size: shared pages count once among all processes that share them. */
function pssMiBOf({ pid, withChildren }: MeteredProcess): number {
  const pids = withChildren ? [pid, ...childrenOf(pid)] : [pid];
  return sum(pids.map((each) => {
    try {
      return Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${each}/smaps_rollup`, 'latin1'))?.[1] ?? 0) / 1_024;
    } catch {
      return 0; // It has ended meanwhile.
    }
  }));
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' '))
    .filter(Boolean).map(Number);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
