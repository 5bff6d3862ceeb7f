import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, distinguishable from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: the time of its birth, and the boot. */
  readonly born: string;
}

/** A signal, and the wait before the next one is sent. */
export type StopStep = readonly [signal: NodeJS.Signals, waitMs: number];

let bootId: string | undefined;

/** The process with this pid; undefined if there is none, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const born = process.platform === 'linux' ? bornOnLinux(pid) : bornByPs(pid);
  return born === undefined ? undefined : { pid, born };
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const own = identify(process.pid);
  if (own === undefined) throw new Error('this process has no entry in /proc: is /proc mounted?');
  return own;
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.born === identity.born;
}

/** Sends one signal after another until the process is gone. Resolves when it is. */
export async function stopProcess(identity: ProcessIdentity, steps: readonly StopStep[]) {
  for (const [signal, waitMs] of steps) {
    signalProcess(identity, signal);
    const untilMs = Date.now() + waitMs;
    while (isAlive(identity) && Date.now() < untilMs) await sleep(20);
    if (!isAlive(identity)) return;
  }
}

/** Sends a signal to that process, and to no other if it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals) {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function bornOnLinux(pid: number): string | undefined {
  try {
    bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may contain anything, so the fields are counted from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' ? undefined : `${bootId}:${startTicks}`;
  } catch {
    return undefined;
  }
}

function bornByPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [stat, ...born] = line.split(/\s+/);
    return stat === undefined || stat.startsWith('Z') ? undefined : born.join(' ');
  } catch {
    return undefined;
  }
}
