import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { APP_NAMES } from './app-list.ts';
import { infraFolder, readState } from './infra/state.ts';
import { instancesOf } from './launcher/apps.ts';
import type { RunningSystem } from './launcher/running.ts';
import { identify, isAlive, type ProcessIdentity } from './process/identity.ts';
import { readJson } from './process/json-file.ts';
import { lockHolder } from './process/lock.ts';
import { lineStrategy } from './strategies/templates.ts';
import { sourceArgs, workspaceRoot } from './workspace.ts';

/** A bound on hangs only: no test waits for a fixed time, so a busy machine may take long. */
const WITHIN_MS = 1_800_000;
/** Every process of `npm start`, by the name of its instance. */
const INSTANCES = APP_NAMES.flatMap((app) => instancesOf(app, { basketServers: 2 }));
const BUSY_LOOPS = 4;
/** Redis, PostgreSQL, and their keeper. */
const SERVERS = 3;
/** Node's option that makes a process hang at SIGUSR2. */
const HANGABLE = `--import=data:text/javascript,${encodeURIComponent('process.on("SIGUSR2", () => { for (;;); })')}`;

describe('npm start', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aisle-start-'));
  const folders = { AISLE_DATA_DIR: dataDir, STRATEGIES_FOLDER: join(dataDir, 'strategies') };
  let neighbour: Server;
  let takenPort: number;
  let first: Launcher;

  beforeAll(async () => {
    // As root we run PostgreSQL as another user, who needs access to the folder.
    chmodSync(dataDir, 0o755);
    neighbour = createServer().listen(0, '127.0.0.1');
    await once(neighbour, 'listening');
    takenPort = (neighbour.address() as AddressInfo).port;
    first = start();
    await up(first);
  });

  afterAll(async () => {
    first.child.kill('SIGINT');
    await first.ended;
    neighbour.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('tells every step with its time', () => {
    for (const step of ['Redis and PostgreSQL', 'database', ...INSTANCES]) {
      expect(first.output()).toMatch(new RegExp(`^✓ ${step} +\\d+\\.\\d s`, 'm'));
    }
  });

  it('takes the next port if one is taken, and reports it', () => {
    expect(first.output()).toMatch(new RegExp(`! port ${takenPort} is taken, using \\d+`));
    expect(portOf(first)).toBeGreaterThan(takenPort);
  });

  it('prints a request to try, which works', async () => {
    const tried = /^ {2}curl -s (\S+) -H 'content-type: application\/json' -d '(.+)'$/m.exec(first.output());

    const total = await eventually(async () => {
      const answer = await fetch(tried![1]!, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: tried![2]!,
      });
      return ((await answer.json()) as { total?: unknown }).total;
    });

    expect(total).toEqual({ amount: 2245, currency: 'GBP' });
  });

  it('puts a strategy in force as it is saved', async () => {
    const { STRATEGIES_FOLDER: folder } = folders;
    const priceOfThree = async (): Promise<number> => {
      const answer = await fetch(`http://localhost:${portOf(first)}/v1/markets/m1/quotes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ items: [{ sku: 'P0009', quantity: 3 }] }),
      });
      return ((await answer.json()) as { total: { amount: number } }).total.amount;
    };
    const listPrice = await priceOfThree();

    writeFileSync(join(folder, 'ten-off.ts'), lineStrategy('ten-off').replace("skus: ['GR1']", "skus: ['P0009', 'GR1']"));

    await eventually(async () => (await priceOfThree()) === listPrice - Math.round(listPrice / 10));
  });

  it('shows every process as ready on its ops port', async () => {
    const urls = [...first.output().matchAll(/ops (http:\S+) {2}pid \d+/g)].map(([, url]) => url!);

    expect(urls).toHaveLength(INSTANCES.length);
    const isReady = async (url: string): Promise<boolean> => (await fetch(`${url}/health/ready`)).ok;
    // A market takes over its shards while the others start.
    await eventually(async () => (await Promise.all(urls.map(isReady))).every(Boolean));
  });

  it('refuses a second system in the same data folder, and says where the first one is', async () => {
    const second = start();

    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(
      `Aisle runs already from ${dataDir}: http://localhost:${portOf(first)}`,
    );
  });

  it('starts a basket-server again that was killed', async () => {
    const killed = Number(/basket-server-1 .*pid (\d+)$/m.exec(first.output())![1]);

    process.kill(killed, 'SIGKILL');
    await eventually(() => first.output().includes('basket-server-1 is back'));

    expect(first.output()).toContain(`✗ basket-server-1 (pid ${killed}) ended with SIGKILL`);
    expect(identify(Number(/basket-server-1 is back \(pid (\d+)\)/.exec(first.output())![1]))).toBeDefined();
  });

  it('reports the death of a server and its return', async () => {
    const { redis } = readState(dataDir)?.services ?? {};
    if (redis?.status !== 'up') throw new Error('Redis is not up');

    process.kill(redis.process.pid, 'SIGKILL');
    await eventually(() => first.output().includes('Redis is back'));

    expect(first.output()).toMatch(new RegExp(`^✗ Redis \\(pid ${redis.process.pid}\\) has ended; it is being started again$`, 'm'));
    await eventually(async () => (await fetch(`http://localhost:${portOf(first)}/v1/markets`)).ok);
  });

  it('reports the death of the keeper, and replaces it', async () => {
    const keeper = lockHolder(infraFolder(dataDir))!;

    process.kill(keeper.pid, 'SIGKILL');
    await eventually(() => (lockHolder(infraFolder(dataDir))?.pid ?? keeper.pid) !== keeper.pid);

    expect(first.output()).toContain('! the keeper of Redis and PostgreSQL has ended; another one takes over');
  });

  it('shows what every process has logged', async () => {
    const logs = spawn(process.execPath, [...sourceArgs('tools/dev/src/logs.ts'), 'gateway', '--once'], {
      cwd: workspaceRoot, env: { ...process.env, ...folders }, stdio: ['ignore', 'pipe', 'inherit'],
    });
    let shown = '';
    logs.stdout.on('data', (chunk) => (shown += String(chunk)));

    expect(await once(logs, 'close')).toEqual([0, null]);
    expect(shown).toMatch(/^[\d:.]+ info {2}gateway {12}gateway listening url=http:\/\/127\.0\.0\.1:\d+$/m);
  });

  it('stops in order when interrupted, and leaves no process', async () => {
    const processes = processesOf();
    expect(processes).toHaveLength(INSTANCES.length + SERVERS);

    first.child.kill('SIGINT');

    expect(await first.ended).toBe(0);
    expect([...first.output().matchAll(/^✓ stop (\S+)/gm)].map(([, what]) => what)).toEqual([
      'gateway', 'inventory,', 'basket-manager-1,', 'basket-server-1,', 'Redis',
    ]);
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('starts everything in one process again when its event loop hangs', async () => {
    first = start({ NODE_OPTIONS: HANGABLE, WATCHDOG_MS: '2000' }, ['--one-process']);
    await up(first);
    const hung = Number(/aisle .*pid (\d+)$/m.exec(first.output())![1]);

    process.kill(hung, 'SIGUSR2');
    await eventually(() => first.output().includes('aisle is back'));

    expect(first.output()).toContain(`✗ aisle (pid ${hung}) ended with SIGKILL`);
    expect(first.output()).toMatch(/^ {4}[\d:.]+ event loop hung /m);
    expect(first.output()).not.toContain('{"level"');
    expect((await fetch(`http://localhost:${portOf(first)}/v1/markets`)).status).toBe(200);
  });

  it('ends everything when it is killed', async () => {
    const processes = processesOf();
    // All apps in one process, PostgreSQL, and its keeper.
    expect(processes).toHaveLength(3);

    first.child.kill('SIGKILL');

    await eventually(() => !processes.some(isAlive));
  });

  it('lets simulated shoppers in, with a key where it asks for one, tells whether every invariant held, and ends with that', async () => {
    const simulated = start({}, ['--one-process', '--secure', '--shoppers', '5', '--duration', '2']);

    expect(await simulated.ended).toBe(0);
    expect(simulated.output()).toMatch(/Every invariant holds\.[^]*Everything is stopped\./);
  });

  it('comes up beside another one that starts at the same moment in another folder, on a machine that is busy', async () => {
    const loops = Array.from({ length: BUSY_LOOPS }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    const others = ['one', 'other'].map((name) => join(dataDir, name));
    const both = others.map((folder) => start({ AISLE_DATA_DIR: folder }, ['--one-process']));

    await Promise.all(both.map(up)).finally(() => loops.forEach((loop) => loop.kill('SIGKILL')));
    const addresses = both.flatMap(({ output }) => [...output().matchAll(/http:\/\/\S+:(\d+)$|ops http:\S+:(\d+)/gm)])
      .map(([, api, ops]) => api ?? ops);
    const answers = await Promise.all(both.map(async (each) => (await fetch(`http://localhost:${portOf(each)}/v1/markets`)).status));
    for (const { child } of both) child.kill('SIGINT');

    expect(answers).toEqual([200, 200]);
    expect(new Set(addresses).size).toBe(4);
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(both.map(({ output }) => output()).join()).not.toContain('✗');
  });

  it('asks for keys when it starts with --secure, also on ops ports, and prints that of the administrator', async () => {
    const secure = start({ AISLE_DATA_DIR: join(dataDir, 'secure') }, ['--one-process', '--secure']);

    await up(secure);
    const url = `http://localhost:${portOf(secure)}/v1/markets`;
    const [key = ''] = /aisle_admin_[\w-]{43}/.exec(secure.output()) ?? [];
    const ops = await eventually(() => {
      const [found] = /(?<=ops )http:\S+/.exec(secure.output()) ?? [];
      expect(found).toBeDefined();
      return found as string;
    });
    const answers = await Promise.all([url, `${ops}/ops`].flatMap((of) =>
      [{}, { authorization: `Bearer ${key}` }].map(async (headers) => (await fetch(of, { headers })).status)));
    secure.child.kill('SIGINT');

    expect(answers).toEqual([401, 200, 401, 200]);
    expect(await secure.ended).toBe(0);
  });

  it('reports a failed step with its cause and its fix, and stops everything started', async () => {
    const failing = start({ DATABASE_URL: 'postgres://postgres@127.0.0.1:1/postgres' });

    expect(await failing.ended).toBe(1);
    expect(failing.output()).toMatch(
      /✗ Redis and PostgreSQL failed\n +cause +DATABASE_URL is set, but .*\n +fix /,
    );
    await eventually(() => lockHolder(infraFolder(dataDir)) === undefined);
  });

  it('names a wrong argument of its command line', async () => {
    const confused = start({}, ['--basket-server', '3']);

    expect(await confused.ended).toBe(2);
    expect(confused.output()).toContain("Unknown option '--basket-server'");
  });

  interface Launcher {
    readonly child: ChildProcess;
    readonly ended: Promise<number | null>;
    output(): string;
  }

  function start(env: Record<string, string> = {}, args: string[] = []): Launcher {
    const { REDIS_URL: _, DATABASE_URL: __, ...inherited } = process.env;
    const child = spawn(process.execPath, [...sourceArgs('tools/dev/src/start.ts'), ...args], {
      cwd: workspaceRoot,
      env: { ...inherited, ...folders, PORT: String(takenPort), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (output += String(chunk)));
    }
    return {
      child,
      ended: once(child, 'close').then(([code]) => code as number | null),
      output: () => output,
    };
  }

  async function up({ ended, output }: Launcher) {
    const gone = ended.then((code) => {
      throw new Error(`npm start ended with ${code}:\n${output()}`);
    });
    // It ends at some time in any case, which is no failure once it was up.
    gone.catch(() => undefined);
    await Promise.race([eventually(() => output().includes('Ctrl-C stops everything.')), gone]);
  }

  function portOf(launcher: Launcher): number {
    return Number(/^ {2}API +http:\/\/localhost:(\d+)$/m.exec(launcher.output())?.[1]);
  }

  /** Four apps, the keeper, Redis and PostgreSQL. */
  function processesOf(): ProcessIdentity[] {
    const apps = readJson<RunningSystem>(join(dataDir, 'start', 'running.json'))?.processes ?? [];
    const servers = Object.values(readState(dataDir)?.services ?? {});
    const keeper = lockHolder(infraFolder(dataDir));
    return [
      ...apps,
      ...servers.flatMap((server) => (server.status === 'up' ? [server.process] : [])),
      ...(keeper === undefined ? [] : [keeper]),
    ];
  }
});

/** The first value that is not false or undefined. */
async function eventually<T>(look: () => T | Promise<T>): Promise<T> {
  const untilMs = Date.now() + WITHIN_MS;
  for (;;) {
    const found = await Promise.resolve().then(look).catch(() => undefined);
    if (found) return found;
    if (Date.now() > untilMs) throw new Error(`it did not come: ${look}`);
    await sleep(50);
  }
}
