import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { sleep, systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';

const ROOT = resolve(__dirname, '../../../..');
const BOUND_MS = 2_000;

describe('a process under its watchdog', () => {
  it.each([
    { does: 'loops for ever', behaviour: 'loop', where: 'endlessLoop' },
    { does: 'matches for ever', behaviour: 'match', where: 'behaving-app.ts' },
    { does: 'awaits for ever', behaviour: 'promises', where: 'behaving-app.ts' },
    { does: 'waits for ever', behaviour: 'wait', where: 'behaving-app.ts' },
  ])('is ended when it $does, and the log says where', async ({ behaviour, where }) => {
    const app = await start(behaviour).behave();

    expect(await app.ended).toBe('SIGKILL');

    const [hung, ...others] = app.lines().filter(({ level }) => level === 'error');
    expect(hung).toMatchObject({
      message: 'event loop hung', app: 'behaving', instance: 'watched', boundMs: BOUND_MS, stack: expect.any(Array),
    });
    expect(hung?.['stillMs']).toBeGreaterThanOrEqual(BOUND_MS);
    expect((hung?.['stack'] as string[])[0]).toContain(where);
    expect(others).toEqual([]);
  });

  it('is ended when it waits for ever for the reader of its log', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aisle-watchdog-'));
    execFileSync('mkfifo', [join(folder, 'log')]);
    // Held open for reading as well, and never read.
    const log = openSync(join(folder, 'log'), 'r+');
    const child = run({ BEHAVIOUR: 'log', WATCHDOG_MS: String(BOUND_MS) }, log);
    const ended = once(child, 'exit');
    await once(child.stderr as Readable, 'data');

    child.kill('SIGUSR2');

    expect(await ended).toEqual([null, 'SIGKILL']);
    closeSync(log);
    rmSync(folder, { recursive: true });
  });

  it('lives through as much work as there is, when the loop turns between', async () => {
    const app = await start('toil').behave();

    expect(await app.ended).toBe(0);
    expect(app.lines().map(({ message }) => message)).toContain('app stopped');
  });

  it('lives through a pause of all of it, however long', async () => {
    const app = start('loop');
    await app.started();

    app.child.kill('SIGSTOP');
    // This is the length of the fault. Nothing is waited for.
    await sleep(systemRuntime, 2 * BOUND_MS);
    app.child.kill('SIGCONT');
    await app.answers();

    app.child.kill('SIGTERM');
    expect(await app.ended).toBe(0);
  });

  it('may hang where the watchdog is off', async () => {
    const app = await start('pause', { WATCHDOG_MS: '0' }).behave();

    expect(await app.ended).toBe(0);
    expect(app.lines().map(({ level, message }) => [level, message])).toContainEqual(['info', 'app stopped']);
  });

  it.each(['1', '-1', '499', 'soon'])('refuses a bound of %s', async (bound) => {
    const app = start('loop', { WATCHDOG_MS: bound });

    expect(await app.ended).toBe(78);
    expect(app.output()).toContain('WATCHDOG_MS: ');
  });
});

type Line = Readonly<Record<string, unknown>>;

interface App {
  readonly child: ChildProcess;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  output(): string;
  lines(): Line[];
  started(): Promise<Line>;
  /** Lets it behave as it is set to, once it has started. */
  behave(): Promise<App>;
  /** Resolves when its event loop turns. */
  answers(): Promise<void>;
}

function run(environment: Record<string, string>, stdout: number | 'pipe'): ChildProcess {
  const args = ['--conditions=@aisle/source', '--import', join(ROOT, 'tools/dev/swc-hook.mjs'), join(__dirname, '../testing/behaving-app.ts')];
  return spawn(process.execPath, args, { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', stdout, 'pipe'] });
}

function start(behaviour: string, environment: Record<string, string> = {}): App {
  const child = run({ INSTANCE: 'watched', BEHAVIOUR: behaviour, WATCHDOG_MS: String(BOUND_MS), ...environment }, 'pipe');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
  const lines = (): Line[] => output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
  const started = (): Promise<Line> => eventually(() => {
    const line = lines().find(({ message }) => message === 'app started');
    if (!line) throw new Error(`it has not started:\n${output}`);
    return line;
  });
  const app: App = {
    child, lines, started,
    output: () => output,
    ended: once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals),
    async behave() {
      await started();
      child.kill('SIGUSR2');
      return app;
    },
    async answers() {
      const { opsPort } = await started();
      expect((await fetch(`http://127.0.0.1:${opsPort as number}/health/live`)).ok).toBe(true);
    },
  };
  return app;
}
