// Question: what does an add that survives any fault cost through the whole system, compared with the carts that
// competent teams build on PostgreSQL (durable), on Redis (not) and on Restate, and with a bare prototype of the same path?
// Compare ratios, not machines.
//
// `--quick` is two small workloads in short rounds. `--only=aisle,redis` selects contenders; Restate takes part only if it is named.
// `--workload=hot` selects workloads; `--rounds`, and `--seconds` of each. `--against=folder` adds Aisle of another checkout (such as a git
// worktree of the commit before): two runs of one program differ more than most changes do. `--json=file` writes the
// figures, `--cpu-prof=folder` a profile of each process (see `profile-top.ts`).
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureInfra, readFlags } from '@aisle/dev';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { compare, type Workload } from './load/comparison.ts';
import { PEERS, startContender, type Contender, type ContenderName } from './load/contenders.ts';
import { CORES } from './load/cpu.ts';
import { printReport } from './load/report.ts';
import { serverProcesses } from './load/server-processes.ts';
import { WalMeter } from './load/wal.ts';

const CONTENDERS: readonly ContenderName[] = [...PEERS, 'aisle'];
// Its program is large, and has to be installed first.
const ON_DEMAND: ContenderName = 'restate';
const WORKLOADS: readonly Workload[] = [
  { name: 'spread, 1 client', clients: 1, baskets: 1_000 },
  { name: 'spread, 64 clients', clients: 64, baskets: 1_000 },
  { name: 'spread, 256 clients', clients: 256, baskets: 1_000 },
  { name: 'hot, 64 clients', clients: 64, baskets: 1 },
];
const QUICK: readonly Workload[] = [
  { name: 'spread, 16 clients', clients: 16, baskets: 50 },
  { name: 'hot, 16 clients', clients: 16, baskets: 1 },
];

const flags = readFlags({
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  workload: { type: 'string', default: '' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  against: { type: 'string' },
  json: { type: 'string' },
  'cpu-prof': { type: 'string' },
});

process.exitCode = await run();

async function run(): Promise<number> {
  const infra = await ensureInfra();
  const admin = new Client({ connectionString: infra.adminDatabaseUrl });
  const redis = new Redis(infra.redisUrl);
  await admin.connect();
  const contenders: Contender[] = [];
  try {
    const wal = await WalMeter.on(admin);
    const checkpointsBefore = await wal.checkpoints();
    const options = { servers: { ...infra, admin }, checkout: flags.against };
    const only = flags.only?.split(',');
    const wanted = CONTENDERS.filter((each) => only?.includes(each) ?? each !== ON_DEMAND);
    if (flags.against) wanted.push('against');
    contenders.push(
      ...(await Promise.all(
        wanted.map((each) => startContender(each, { ...options, profileFolder: profileFolder(each) })),
      )),
    );
    const comparison = await compare({
      contenders,
      workloads: (flags.quick ? QUICK : WORKLOADS).filter(({ name }) => name.includes(flags.workload)),
      rounds: Number(flags.rounds ?? (flags.quick ? 1 : 5)),
      warmUpMs: flags.quick ? 500 : 5_000,
      warmUpAdds: flags.quick ? 0 : 40_000,
      roundMs: Number(flags.seconds ?? (flags.quick ? 0.5 : 4)) * 1_000,
      sharedProcesses: await serverProcesses(redis, admin),
      wal,
      redis,
    });
    const checkpoints = (await wal.checkpoints()) - checkpointsBefore;
    const report = { quick: flags.quick, cores: CORES, checkpoints, walSettings: await wal.settings(), ...comparison };
    if (flags.json) writeFileSync(flags.json, JSON.stringify(report, plainMaps, 2));
    return printReport(report) ? 0 : 1;
  } finally {
    const printed = await Promise.all(contenders.map((contender) => contender.stop()));
    for (const line of printed.flat()) console.log(line);
    await admin.end();
    await redis.quit();
    await infra.release();
  }
}

function profileFolder(contender: ContenderName): string | undefined {
  return flags['cpu-prof'] === undefined ? undefined : resolve(flags['cpu-prof'], contender);
}

function plainMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}
