import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, signalProcess, stopProcess, type ProcessIdentity } from '../process/identity.ts';
import { PORT_TAKEN_CODE, TRY_AGAIN_CODE } from '../process/ops-port.ts';
import { isPortFree, reservePort } from '../process/ports.ts';
import { lastWords } from '../logs/last-words.ts';
import { openLog, rotateLog, type Log } from '../logs/log-file.ts';
import { workspaceRoot } from '../workspace.ts';
import { notReady } from './not-ready.ts';
import { silence, type Patience } from './silence.ts';
import { StepFailed, withWords, type Terminal } from './terminal.ts';

export interface AppSpec {
  /** Its name in logs and for people: `basket-server-1`. */
  readonly instance: string;
  /** The arguments of `node` that run it from the sources as they are at each start. Rejects if these do not build. */
  readonly args: () => Promise<readonly string[]>;
  /** The ports that it tries first, by environment variable. */
  readonly ports: Ports;
  readonly env: Readonly<Record<string, string>>;
}

/** The ports of an app, by environment variable. */
export interface Ports {
  readonly OPS_PORT: number;
  readonly PORT?: number;
}

/** A start of this length is reported with its reason, and again after twice as long. */
const PATIENT_MS = 30_000;
const LOOK_MS = 100;
/** A busy machine answers late, and a stopped process never answers. */
const ANSWER_WITHIN_MS = 5_000;
const RESTART_MIN_MS = 100;
const RESTART_MAX_MS = 10_000;
// A process that ran this long restarts with the shortest back-off.
const PROVEN_MS = 30_000;
/** The number of ports to try, because other programs may take a port before this app listens on it. */
const PORTS_TRIED_MAX = 10;
/** Imported by every process of the launcher: it ends with the launcher in any case. */
export const LEASH = new URL('../../leash.mjs', import.meta.url).href;
// An app ends by itself within 25 s.
const STOP_STEPS = [['SIGTERM', 30_000], ['SIGKILL', 2_000]] as const;

/** The shared context of one launcher's processes. */
export interface AppContext {
  readonly dataDir: string;
  readonly terminal: Pick<Terminal, 'line' | 'paint'>;
  /** The limit after which a process counts as silent; `PATIENCE` by default. */
  readonly patience?: Patience;
  /** The time after which a slow start is reported; `PATIENT_MS` by default. */
  readonly patientMs?: number;
  /** Called whenever there is another process, so that it can be recorded. */
  changed(): void;
}

/** One process of an app. It is started, restarted after every crash or hang, and stopped. */
export class AppProcess {
  readonly spec: AppSpec;
  identity: ProcessIdentity | undefined;
  /** A new one for each process. */
  launchId = '';
  private ports: Ports;
  private readonly context: AppContext;
  private ended: Promise<string> = Promise.resolve('');
  private log: Log | undefined;
  private stopping = false;
  private backOffMs = RESTART_MIN_MS;
  private lastEnd: { readonly words: string; readonly times: number } = { words: '', times: 0 };

  constructor(spec: AppSpec, context: AppContext) {
    this.spec = spec;
    this.ports = spec.ports;
    this.context = context;
  }

  get opsUrl(): string {
    return `http://127.0.0.1:${this.ports.OPS_PORT}`;
  }

  /** The port for its users, if it has any. */
  get port(): number | undefined {
    return this.ports.PORT;
  }

  /**
   * Resolves when the app reports that it is ready, without a time limit. Rejects if the process ends before. From then
   * on it is kept running. `waiting` gets the reason of a wait.
   */
  async start(waiting: (reason: string) => void = () => undefined) {
    await this.launch(waiting);
    void this.keepRunning();
  }

  /** Bounds the size of its log. */
  rotateLog() {
    if (this.log) rotateLog(this.log.path);
  }

  async stop() {
    this.stopping = true;
    if (this.identity !== undefined) await stopProcess(this.identity, STOP_STEPS);
  }

  kill() {
    this.stopping = true;
    if (this.identity !== undefined) signalProcess(this.identity, 'SIGKILL');
  }

  private async launch(waiting: (reason: string) => void = () => undefined) {
    for (let portsTried = 1; ;) {
      await this.spawn();
      const end = await this.readyOrEnd(waiting);
      if (end === undefined) return;
      if (end === `code ${TRY_AGAIN_CODE}` && !this.stopping) {
        await this.waitForServers(waiting);
      } else if (end === `code ${PORT_TAKEN_CODE}` && portsTried < PORTS_TRIED_MAX && !this.stopping) {
        portsTried += 1;
        await this.takeOtherPorts();
      } else {
        throw this.failure(`it ended with ${end}`);
      }
    }
  }

  private async spawn() {
    const args = await this.spec.args().catch((error: unknown) => error as Error);
    if (args instanceof Error) {
      this.log = undefined;
      this.ended = Promise.resolve(`sources that do not build: ${args.message}`);
      return;
    }
    const { dataDir, changed } = this.context;
    const log = (this.log = openLog(dataDir, this.spec.instance));
    this.launchId = randomUUID();
    const ports = Object.fromEntries(Object.entries(this.ports).map(([name, port]) => [name, String(port)]));
    const child = spawn(process.execPath, ['--import', LEASH, ...args], {
      cwd: workspaceRoot,
      env: { ...process.env, ...this.spec.env, ...ports, LAUNCH_ID: this.launchId },
      stdio: ['ignore', log.descriptor, log.descriptor, 'ipc'],
      // Its own group, because the terminal's Ctrl-C is for the launcher, which stops apps in order.
      detached: true,
    });
    log.close();
    this.ended = endOf(child);
    this.identity = child.pid === undefined ? undefined : identify(child.pid);
    changed();
    // A stop was requested during the start.
    if (this.stopping) this.kill();
  }

  /** Resolves when it is ready, or with the way in which it ended. It is awaited as long as it lives. */
  private async readyOrEnd(waiting: (reason: string) => void): Promise<string | undefined> {
    const { terminal, patientMs = PATIENT_MS } = this.context;
    let end: string | undefined;
    const ended = this.ended.then((how) => (end = how));
    const sinceMs = Date.now();
    let tellAtMs = patientMs;
    for (;;) {
      const reason = await Promise.race([notReady(this, ANSWER_WITHIN_MS), ended.then(() => undefined)]);
      if (end !== undefined) return end;
      if (reason === undefined) return undefined;
      waiting(reason);
      const tookMs = Date.now() - sinceMs;
      if (tookMs >= tellAtMs) {
        terminal.line(`… ${this.spec.instance} is not ready after ${Math.round(tookMs / 1000)} s: ${reason}`);
        tellAtMs = 2 * tookMs;
      }
      await Promise.race([sleep(LOOK_MS), ended]);
    }
  }

  /** The database or Redis did not answer it, which also happens on a busy machine. */
  private async waitForServers(waiting: (reason: string) => void) {
    const { terminal } = this.context;
    terminal.line(`${terminal.paint('yellow', '!')} ${this.spec.instance} found no database or no Redis; starting it again in ${this.backOffMs / 1000} s`);
    for (const line of this.wordsOf('no servers')) terminal.line(`    ${line}`);
    waiting('its database or Redis does not answer');
    await this.backOff();
  }

  private async backOff() {
    await sleep(this.backOffMs);
    this.backOffMs = Math.min(this.backOffMs * 2, RESTART_MAX_MS);
  }

  /** Replaces each of its ports that is taken by the next free one. */
  private async takeOtherPorts() {
    const { terminal } = this.context;
    for (const [name, port] of Object.entries(this.ports) as [keyof Ports, number][]) {
      if (await isPortFree(port)) continue;
      const next = await reservePort(port + 1);
      this.ports = { ...this.ports, [name]: next };
      terminal.line(`${terminal.paint('yellow', '!')} ${this.spec.instance}: port ${port} is taken, using ${next}`);
    }
  }

  private async keepRunning() {
    for (;;) {
      const sinceMs = Date.now();
      void this.endWhenSilent();
      const end = await this.ended;
      if (this.stopping) return;
      if (Date.now() - sinceMs > PROVEN_MS) this.backOffMs = RESTART_MIN_MS;
      this.tellEnd(end);
      await this.backOff();
      if (this.stopping) return;
      const startMs = Date.now();
      // A failed start is an ended process, which the next turn reports.
      await this.launch().then(() => this.tellReturn(Date.now() - startMs), () => undefined);
    }
  }

  /**
   * A hanging app normally ends itself. This is for one that cannot. With its watchdog switched off it may be under a
   * debugger.
   */
  private async endWhenSilent() {
    if (process.env['WATCHDOG_MS'] === '0') return;
    const { identity, launchId, context: { terminal, patience } } = this;
    const isOver = () => this.stopping || launchId !== this.launchId || identity === undefined || !isAlive(identity);
    const silentMs = await silence(this, isOver, patience);
    if (silentMs === undefined || isOver()) return;
    terminal.line(
      `${terminal.paint('red', '✗')} ${this.spec.instance} (pid ${identity?.pid}) has not answered for ` +
        `${Math.round(silentMs / 1000)} s; ending it`,
    );
    signalProcess(identity!, 'SIGKILL');
  }

  private tellEnd(end: string) {
    const { spec, context: { terminal } } = this;
    // An app exits with 0 when another process than the launcher told it to end.
    const [mark, what] = end === 'code 0' ? [terminal.paint('yellow', '!'), 'was told to stop, and did'] : [terminal.paint('red', '✗'), `ended with ${end}`];
    terminal.line(`${mark} ${spec.instance} (pid ${this.identity?.pid}) ${what}; starting it again in ${this.backOffMs / 1000} s`);
    for (const line of this.wordsOf(end)) terminal.line(`    ${line}`);
  }

  /** The reason of its end. A process that ends repeatedly for the same reason reports it once. */
  private wordsOf(end: string): readonly string[] {
    const words = this.log === undefined ? [] : lastWords(this.log, Date.now());
    // Without the leading times.
    const reason = [end, ...words.map((line) => line.replace(/^[\d:.]+ /, ''))].join('\n');
    this.lastEnd = { words: reason, times: reason === this.lastEnd.words ? this.lastEnd.times + 1 : 1 };
    if (words.length === 0) return [];
    return this.lastEnd.times === 1 ? words : [`as before, ${this.lastEnd.times} times in a row`];
  }

  private tellReturn(tookMs: number) {
    const { spec, context: { terminal } } = this;
    const took = (tookMs / 1000).toFixed(1);
    const tick = terminal.paint('green', '✓');
    terminal.line(`${tick} ${spec.instance} is back (pid ${this.identity?.pid}) after ${took} s`);
  }

  private failure(cause: string): StepFailed {
    const words = this.log === undefined ? [] : lastWords(this.log, Date.now());
    return new StepFailed(
      this.spec.instance,
      withWords(cause, words),
      'correct the errors in the log, then start again',
      this.log?.path,
    );
  }
}

/** The end of the process as a phrase: `code 1`, `SIGKILL`. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
  });
}
