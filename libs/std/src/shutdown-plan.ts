import type { Runtime, Timer } from './runtime.ts';

/**
 * The phases of a shutdown, in order. A process has parts in some of them:
 * - `intake`: new requests are refused, or wait for another process;
 * - `readers`: parts that begin work on their own, such as consumers and sweeps, stop;
 * - `work`: the process finishes its own running work;
 * - `handover`: owned shards are drained, saved and given to other processes;
 * - `servers`: queues send their last answers;
 * - `actors`: processes of the supervision tree end;
 * - `followers`: sources that actors read, such as a catalogue or rules, are no longer followed;
 * - `relays`: the last events leave the outbox;
 * - `requests`: requests to other apps that still wait for an answer fail;
 * - `journal`: the connection to storage, and the claims in it, are released.
 */
export const SHUTDOWN_PHASES = ['intake', 'readers', 'work', 'handover', 'servers', 'actors', 'followers', 'relays', 'requests', 'journal'] as const;
/** A phase of a shutdown. */
export type ShutdownPhase = (typeof SHUTDOWN_PHASES)[number];

/** A part of a process that is stopped in its phase. */
export interface ShutdownPart {
  readonly phase: ShutdownPhase;
  /** The name in logs, unique in a process. */
  readonly name: string;
  /** Begins its work when the process is complete. The parts that it needs have started before. */
  start?(): unknown;
  stop(): unknown;
  /** The longest time that later phases wait for it; 20,000 ms by default. */
  readonly withinMs?: number;
}

/** An object with `stop` or `close`, and perhaps with `start`. */
export type Stoppable = { start?(): unknown } & ({ stop(): unknown } | { close(): unknown });

/** A part that threw, or that did not stop in time. */
export interface ShutdownFault {
  readonly part: string;
  readonly error: unknown;
}

const WITHIN_MS = 20_000;

/**
 * The order in which a process stops; it starts in the reverse order. Parts are registered when they are made. Phases run one
 * after another, and the parts of a phase concurrently. During a stop, a part that throws or takes too long is reported, and
 * the later parts are stopped all the same.
 */
export class ShutdownPlan {
  private readonly parts: ShutdownPart[] = [];
  private running: Promise<readonly ShutdownFault[]> | undefined;

  constructor(private readonly runtime: Pick<Runtime, 'timers'>) {}

  /** Registers a part. Throws if its name is taken. */
  add(part: ShutdownPart): void {
    if (this.parts.some(({ name }) => name === part.name)) throw new Error(`two parts of the shutdown have the name ${part.name}; rename one`);
    this.parts.push(part);
  }

  /** Registers an object with its `start` and `stop` (or `close`), and returns it. Throws if the name is taken. */
  register<T extends Stoppable>(phase: ShutdownPhase, name: string, part: T): T {
    this.add({ phase, name, start: () => part.start?.(), stop: () => ('stop' in part ? part.stop() : part.close()) });
    return part;
  }

  /** The phases that have parts, each with the names of its parts: `readers: consumer, pruner`. */
  get order(): readonly string[] {
    return SHUTDOWN_PHASES.flatMap((phase) => {
      const names = this.partsOf(phase).map(({ name }) => name).sort();
      return names.length === 0 ? [] : [`${phase}: ${names.join(', ')}`];
    });
  }

  /** Starts all parts, in the reverse order of the stop. Rejects with the error of a part; later phases are not started then. */
  async start(): Promise<void> {
    for (const phase of SHUTDOWN_PHASES.toReversed()) await Promise.all(this.partsOf(phase).map(async (part) => part.start?.()));
  }

  /** Stops all parts; a second call returns the same promise. Resolves with the faults, and never rejects. */
  run(): Promise<readonly ShutdownFault[]> {
    this.running ??= this.runAll();
    return this.running;
  }

  private async runAll(): Promise<readonly ShutdownFault[]> {
    const faults: ShutdownFault[] = [];
    for (const phase of SHUTDOWN_PHASES) {
      await Promise.all(this.partsOf(phase).map(async (part) => {
        await this.stop(part).catch((error: unknown) => faults.push({ part: part.name, error }));
      }));
    }
    return faults;
  }

  private async stop(part: ShutdownPart): Promise<void> {
    const { name, withinMs = WITHIN_MS } = part;
    let timer: Timer | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const giveUp = (): void => reject(new Error(`${name} did not stop within ${withinMs} ms`));
      timer = this.runtime.timers.after(withinMs, giveUp, { background: true });
    });
    try {
      await Promise.race([part.stop(), late]);
    } finally {
      timer?.cancel();
    }
  }

  private partsOf(phase: ShutdownPhase): readonly ShutdownPart[] {
    return this.parts.filter((part) => part.phase === phase);
  }
}
