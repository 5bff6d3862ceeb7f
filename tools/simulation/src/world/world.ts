import { assert, fnv1a, type Random, type Runtime } from '@aisle/std';
import { VirtualRuntime, seededRandom } from '@aisle/std/testing';
import { Coverage } from './coverage.ts';
import { EventLog } from './event-log.ts';
import { SimulatedProcess, type ProcessOptions } from './simulated-process.ts';

/**
 * A machine room on virtual time: its processes, what connects them, and what goes wrong. The seed decides
 * everything, so one seed is one run. Code under test takes time and chance from its process alone.
 */
export class World {
  readonly coverage: Coverage = new Coverage();
  private readonly virtual: VirtualRuntime;
  private readonly log = new EventLog();
  private readonly known: SimulatedProcess[] = [];

  constructor(readonly seed: number) {
    this.virtual = new VirtualRuntime(seed);
  }

  /** Time as nobody's process: for what stands outside of all, such as storage, faults and checks. */
  get runtime(): Runtime {
    return this.virtual;
  }

  /** The world's own chance; each process has another. */
  get random(): Random {
    return this.virtual.random;
  }

  /** Virtual milliseconds since the world began. */
  get nowMs(): number {
    return this.virtual.clock.monotonicMs();
  }

  /** Every process that there ever was, the dead ones too, oldest first. */
  get processes(): readonly SimulatedProcess[] {
    return this.known;
  }

  /** Lets this much virtual time pass. Rejects with what a timer's callback throws. */
  runFor(ms: number): Promise<void> {
    return this.virtual.advance(ms);
  }

  /** A new process. A name may come again when its last bearer is dead. */
  process(name: string, options: ProcessOptions = {}): SimulatedProcess {
    assert(!this.known.some((other) => other.name === name && other.alive), `${name} is alive`);
    const onEvent = (event: string): void => {
      this.note(event, name);
      this.coverage.hit(`process.${event}`);
    };
    // Of its own seed: what one process draws shifts nobody else's chance.
    const random = seededRandom(fnv1a(`${this.seed}/${this.known.length}/${name}`));
    const process = new SimulatedProcess({ name, random, runtime: this.virtual, onEvent }, options);
    this.known.push(process);
    return process;
  }

  /** Remembers an event for whoever has to understand a failure. */
  note(text: string, process?: string): void {
    this.log.add({ atMs: this.nowMs, process, text });
  }

  /** The last events, oldest first, each a line with its virtual time and its process. */
  lastEvents(count = 30): string[] {
    return this.log.last(count);
  }
}
