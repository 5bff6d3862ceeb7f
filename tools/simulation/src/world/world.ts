import { assert, fnv1a, type Random, type Runtime } from '@aisle/std';
import { VirtualRuntime, seededRandom } from '@aisle/std/testing';
import { Coverage } from './coverage.ts';
import { EventLog } from './event-log.ts';
import { SimulatedProcess, type ProcessOptions } from './simulated-process.ts';

/**
 * A set of simulated processes on virtual time. The seed decides everything, so one seed is one run. Code under test has to take time
 * and chance only from its process.
 */
export class World {
  readonly coverage: Coverage = new Coverage();
  private readonly virtual: VirtualRuntime;
  private readonly log = new EventLog();
  private readonly known: SimulatedProcess[] = [];

  constructor(readonly seed: number) {
    this.virtual = new VirtualRuntime(seed);
  }

  /** The runtime of the world, for parts outside all processes, such as storage, faults and checks. */
  get runtime(): Runtime {
    return this.virtual;
  }

  /** The world's random generator. Each process has its own. */
  get random(): Random {
    return this.virtual.random;
  }

  /** Virtual milliseconds since the world began. */
  get nowMs(): number {
    return this.virtual.clock.monotonicMs();
  }

  /** All processes so far, including dead ones, oldest first. */
  get processes(): readonly SimulatedProcess[] {
    return this.known;
  }

  /** Lets this much virtual time pass. Rejects with the error that a timer's callback throws. */
  runFor(ms: number): Promise<void> {
    return this.virtual.advance(ms);
  }

  /** Creates a process. The name of a dead process may be used again. */
  process(name: string, options: ProcessOptions = {}): SimulatedProcess {
    assert(!this.known.some((other) => other.name === name && other.alive), `${name} is alive`);
    const onEvent = (event: string): void => {
      this.note(event, name);
      this.coverage.hit(`process.${event}`);
    };
    // Each process has its own seed, so that its draws do not shift those of others.
    const random = seededRandom(fnv1a(`${this.seed}/${this.known.length}/${name}`));
    const process = new SimulatedProcess({ name, random, runtime: this.virtual, onEvent }, options);
    this.known.push(process);
    return process;
  }

  /** Records an event. `lastEvents` shows it when a seed fails. */
  note(text: string, process?: string): void {
    this.log.add({ atMs: this.nowMs, process, text });
  }

  /** The last events, oldest first, each as a line with its virtual time and process. */
  lastEvents(count = 30): string[] {
    return this.log.last(count);
  }
}
