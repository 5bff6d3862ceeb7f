import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, signalProcess, stopProcess, type ProcessIdentity } from '../process/identity.ts';
import { openLog, sourceArgs, workspaceRoot, type Log } from '../workspace.ts';
import { StepFailed, type Terminal } from './terminal.ts';

export interface AppSpec {
  /** Its name in logs and to people: `basket-server-1`. */
  readonly instance: string;
  /** The TypeScript file it runs, from the root of the workspace. */
  readonly entry: string;
  readonly opsPort: number;
  readonly env: Readonly<Record<string, string>>;
}

const READY_WITHIN_MS = 60_000;
const RESTART_MIN_MS = 500;
const RESTART_MAX_MS = 10_000;
// Who ran this long starts anew with the shortest back-off.
const PROVEN_MS = 30_000;
/** Imported by what the launcher starts: it ends with the launcher, however that went. */
export const LEASH = new URL('../../leash.mjs', import.meta.url).href;
// An app ends itself after 25 s at the latest.
const STOP_STEPS = [['SIGTERM', 30_000], ['SIGKILL', 2_000]] as const;

/** One process of an app: started once, started again whenever it crashes, until it is stopped. */
export class AppProcess {
  readonly spec: AppSpec;
  identity: ProcessIdentity | undefined;
  private readonly dataDir: string;
  private readonly terminal: Terminal;
  private readonly changed: () => void;
  private ended: Promise<string> = Promise.resolve('');
  private log: Log | undefined;
  private stopping = false;
  private backOffMs = RESTART_MIN_MS;

  /** `changed` is called whenever there is another process, so that it can be recorded. */
  constructor(spec: AppSpec, context: { dataDir: string; terminal: Terminal; changed: () => void }) {
    this.spec = spec;
    this.dataDir = context.dataDir;
    this.terminal = context.terminal;
    this.changed = context.changed;
  }

  /** Resolves when the app says that it is ready; from then on it is kept running. */
  async start() {
    await this.launch();
    void this.keepRunning();
  }

  async stop() {
    this.stopping = true;
    if (this.identity !== undefined) await stopProcess(this.identity, STOP_STEPS);
  }

  kill() {
    this.stopping = true;
    if (this.identity !== undefined) signalProcess(this.identity, 'SIGKILL');
  }

  private async launch() {
    const log = (this.log = openLog(this.dataDir, this.spec.instance));
    const child = spawn(process.execPath, ['--import', LEASH, ...sourceArgs(this.spec.entry)], {
      cwd: workspaceRoot,
      env: { ...process.env, ...this.spec.env },
      stdio: ['ignore', log.descriptor, log.descriptor, 'ipc'],
      // Its own group: the terminal's Ctrl-C is for the launcher, which stops apps in order.
      detached: true,
    });
    log.close();
    this.ended = endOf(child);
    this.identity = child.pid === undefined ? undefined : identify(child.pid);
    this.changed();
    // Told to stop while it was being started.
    if (this.stopping) this.kill();
    await this.readiness();
  }

  private async readiness() {
    let end: string | undefined;
    void this.ended.then((how) => (end = how));
    const untilMs = Date.now() + READY_WITHIN_MS;
    while (end === undefined && Date.now() < untilMs) {
      const ready = await fetch(`http://127.0.0.1:${this.spec.opsPort}/health/ready`, {
        signal: AbortSignal.timeout(2_000),
      }).then(({ ok }) => ok, () => false);
      if (ready && end === undefined) return;
      await sleep(50);
    }
    if (end !== undefined) throw this.failure(`it ended with ${end}`);
    if (this.identity) await stopProcess(this.identity, [['SIGKILL', 2_000]]);
    throw this.failure(`it was not ready within ${READY_WITHIN_MS / 1000} s`);
  }

  private async keepRunning() {
    for (;;) {
      const sinceMs = Date.now();
      const end = await this.ended;
      if (this.stopping) return;
      if (Date.now() - sinceMs > PROVEN_MS) this.backOffMs = RESTART_MIN_MS;
      this.tellEnd(end);
      await sleep(this.backOffMs);
      this.backOffMs = Math.min(this.backOffMs * 2, RESTART_MAX_MS);
      if (this.stopping) return;
      const startMs = Date.now();
      // A start that fails is a process that ended, which the next turn tells.
      await this.launch().then(() => this.tellReturn(Date.now() - startMs), () => undefined);
    }
  }

  private tellEnd(end: string) {
    const { terminal, spec } = this;
    terminal.line(
      `${terminal.paint('red', '✗')} ${spec.instance} (pid ${this.identity?.pid}) ended with ${end}; ` +
        `starting it again in ${this.backOffMs / 1000} s. The end of ${this.log?.path}:`,
    );
    terminal.line(indent(this.log?.tail(5) ?? ''));
  }

  private tellReturn(tookMs: number) {
    const { terminal, spec } = this;
    const took = (tookMs / 1000).toFixed(1);
    const tick = terminal.paint('green', '✓');
    terminal.line(`${tick} ${spec.instance} is back (pid ${this.identity?.pid}) after ${took} s`);
  }

  private failure(cause: string): StepFailed {
    const tail = this.log?.tail() ?? '';
    return new StepFailed(
      this.spec.instance,
      tail === '' ? cause : `${cause}; its last words:\n${indent(tail)}`,
      'correct what the log says, then start again',
      this.log?.path,
    );
  }
}

export function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}

/** How the process ended, as a phrase: `code 1`, `SIGKILL`. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
  });
}
