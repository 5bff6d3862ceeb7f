import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';

/** A process; with its children's time if it works through them, like PostgreSQL. */
export interface MeteredProcess {
  readonly name: string;
  readonly pid: number;
  readonly withChildren?: boolean;
}

/** Average cores in use by name. `others` is the rest of the machine in that time. */
export type CpuSplit = ReadonlyMap<string, number>;

// Linux counts a process's time in hundredths of a second on every architecture.
const TICKS_A_SECOND = 100;

/** Measures the use of the machine's cores between its creation and `split`, from Linux's /proc. */
export class CpuMeter {
  readonly #processes: readonly MeteredProcess[];
  readonly #startMs = performance.now();
  readonly #usedTicks: readonly number[];
  readonly #busyTicks = machineTicks();

  constructor(processes: readonly MeteredProcess[]) {
    this.#processes = processes;
    this.#usedTicks = processes.map(ticks);
  }

  split(): CpuSplit {
    const ticksPerCore = ((performance.now() - this.#startMs) / 1_000) * TICKS_A_SECOND;
    const used = this.#processes.map((each, at) => ticks(each) - this.#usedTicks[at]!);
    const others = machineTicks() - this.#busyTicks - used.reduce((sum, each) => sum + each, 0);
    return new Map([
      ...this.#processes.map(({ name }, at) => [name, used[at]! / ticksPerCore] as const),
      ['others', Math.max(0, others) / ticksPerCore] as const,
    ]);
  }
}

export const CORES = availableParallelism();

function ticks({ pid, withChildren }: MeteredProcess): number {
  const own = statOf(pid);
  if (!own) return 0;
  const alone = own.used;
  if (!withChildren) return alone;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat?.parent === pid);
  return children.reduce((sum, child) => sum + (child?.used ?? 0), alone + own.ofEndedChildren);
}

function statOf(pid: number): { parent: number; used: number; ofEndedChildren: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, which may contain blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11);
    return { parent, used: user + system, ofEndedChildren: endedUser + endedSystem };
  } catch {
    return undefined;
  }
}

/** Working ticks of all cores: all but idle, waiting for disks, and stolen by a hypervisor. */
function machineTicks(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return user + nice + system + interrupts + softInterrupts;
}
