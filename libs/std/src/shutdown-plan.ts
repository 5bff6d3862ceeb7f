import type { Runtime, Timer } from './runtime.ts';

/**
 * The phases of a shutdown, in their order; a process has parts in some of them:
 * - `intake`: requests for new work are turned away, or wait for another process;
 * - `readers`: whatever reads and begins work by itself, such as consumers and sweeps;
 * - `work`: work of its own that is under way;
 * - `handover`: what this process owns goes to others, drained and saved;
 * - `servers`: queues whose last answers leave;
 * - `actors`: processes of the supervision tree;
 * - `followers`: whatever is followed for the actors, such as a catalogue or rules;
 * - `relays`: events of all that leave;
 * - `requests`: requests to other apps: what still waits for an answer fails;
 * - `journal`: the way to what is stored, and claims on it.
 */
export const SHUTDOWN_PHASES = ['intake', 'readers', 'work', 'handover', 'servers', 'actors', 'followers', 'relays', 'requests', 'journal'] as const;
/** A phase of a shutdown. */
export type ShutdownPhase = (typeof SHUTDOWN_PHASES)[number];

/** A part of a process that has to be stopped in its turn. */
export interface ShutdownPart {
  readonly phase: ShutdownPhase;
  /** As logs name it; unique in a process. */
  readonly name: string;
  /** Begins its work when the process is complete; what it needs has begun by then. */
  start?(): unknown;
  stop(): unknown;
  /** The longest time that the others wait for it; 20 s unless given. */
  readonly withinMs?: number;
}

/** Something that can be stopped, or closed, and that may have to be started. */
export type Stoppable = { start?(): unknown } & ({ stop(): unknown } | { close(): unknown });

/** A part that threw, or that nobody waits for any longer. */
export interface ShutdownFault {
  readonly part: string;
  readonly error: unknown;
}

const WITHIN_MS = 20_000;

/**
 * The order in which a process stops, and, the other way round, starts. Parts are registered as they are made. Phases run one
 * after another, the parts of a phase side by side. On the way down, a part that throws or takes too long is reported, and holds
 * up and skips nothing.
 */
export class ShutdownPlan {
  private readonly parts: ShutdownPart[] = [];
  private running: Promise<readonly ShutdownFault[]> | undefined;

  constructor(private readonly runtime: Pick<Runtime, 'timers'>) {}

  /** Registers a part. Throws for a name that is taken. */
  add(part: ShutdownPart): void {
    if (this.parts.some(({ name }) => name === part.name)) throw new Error(`two parts of the shutdown are called ${part.name}`);
    this.parts.push(part);
  }

  /** Registers something by its own `start` and `stop`, or `close`, and returns it. Throws for a name that is taken. */
  register<T extends Stoppable>(phase: ShutdownPhase, name: string, part: T): T {
    this.add({ phase, name, start: () => part.start?.(), stop: () => ('stop' in part ? part.stop() : part.close()) });
    return part;
  }

  /** The phases that have parts, each with the names of these: `readers: consumer, pruner`. */
  get order(): readonly string[] {
    return SHUTDOWN_PHASES.flatMap((phase) => {
      const names = this.partsOf(phase).map(({ name }) => name).sort();
      return names.length === 0 ? [] : [`${phase}: ${names.join(', ')}`];
    });
  }

  /** Starts all parts, those first that stop last. Rejects with what one of them throws; later phases are not started then. */
  async start(): Promise<void> {
    for (const phase of SHUTDOWN_PHASES.toReversed()) await Promise.all(this.partsOf(phase).map(async (part) => part.start?.()));
  }

  /** Stops all parts, once, however often it is asked to. Resolves with what went wrong; never rejects. */
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
