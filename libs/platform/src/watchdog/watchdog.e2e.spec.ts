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
    { does: 'runs an endless loop', behaviour: 'loop', where: 'endlessLoop' },
    { does: 'matches a catastrophic expression', behaviour: 'match', where: 'behaving-app.ts' },
    { does: 'awaits in an endless loop', behaviour: 'promises', where: 'behaving-app.ts' },
    { does: 'blocks on Atomics.wait', behaviour: 'wait', where: 'behaving-app.ts' },
  ])('is killed when it $does, and the log has the stack', async ({ behaviour, where }) => {
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

  it('is killed when it blocks on the reader of its log', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aisle-watchdog-'));
    execFileSync('mkfifo', [join(folder, 'log')]);
    // The pipe is open for reading as well, so that writing does not fail, but it is never read.
    const log = openSync(join(folder, 'log'), 'r+');
    const child = run({ BEHAVIOUR: 'log', WATCHDOG_MS: String(BOUND_MS) }, log);
    const ended = once(child, 'exit');
    await once(child.stderr as Readable, 'data');

    child.kill('SIGUSR2');

    expect(await ended).toEqual([null, 'SIGKILL']);
    closeSync(log);
    rmSync(folder, { recursive: true });
  });

  it('survives any amount of work as long as the event loop turns', async () => {
    const app = await start('toil').behave();

    expect(await app.ended).toBe(0);
    expect(app.lines().map(({ message }) => message)).toContain('app stopped');
  });

  it('survives a pause of the whole process, however long', async () => {
    const app = start('loop');
    await app.started();

    app.child.kill('SIGSTOP');
    // The sleep is the duration of the fault; it does not wait for a condition.
    await sleep(systemRuntime, 2 * BOUND_MS);
    app.child.kill('SIGCONT');
    await app.answers();

    app.child.kill('SIGTERM');
    expect(await app.ended).toBe(0);
  });

  it('may hang when the watchdog is off', async () => {
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
  /** Runs its behaviour, once it has started. */
  behave(): Promise<App>;
  /** Resolves once its event loop turns. */
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
    if (!line) throw new Error(`the app has not started:\n${output}`);
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
