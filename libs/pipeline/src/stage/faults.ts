import { checkChoice, checkDuration, checkNumber, checkOptions, sleep, type Runtime } from '@aisle/std';

type StageKind = 'producer' | 'producer-consumer' | 'consumer';

/**
 * One fault. `crash` throws at random before or after the work. `delay` and `stall` wait `ms` (1 and 1,000 by default).
 * `duplicate` does the work of a batch twice.
 */
export type Fault = (
  | { readonly at: StageKind; readonly kind: 'crash' | 'delay' | 'stall' }
  | { readonly at: 'producer-consumer' | 'consumer'; readonly kind: 'duplicate' }
) & {
  /** The probability that a batch is hit, from 0 to 1. */
  readonly probability: number;
  /** The same seed hits the same batches, counted from the moment the fault was set. */
  readonly seed: number;
  readonly ms?: number;
};

/** The error of a `crash` fault. */
export class InjectedCrash extends Error {
  override readonly name = 'InjectedCrash';

  constructor(at: StageKind) {
    super(`a fault crashed this ${at}`);
  }
}

function check(fault: Fault): void {
  const { at, kind, probability, seed, ms } = checkOptions('a fault', fault);
  checkChoice('at', at, ['producer', 'producer-consumer', 'consumer']);
  checkChoice('kind', kind, ['crash', 'delay', 'stall', 'duplicate']);
  checkNumber('probability', probability, { min: 0, max: 1, isWhole: false });
  checkNumber('seed', seed, { min: -Number.MAX_SAFE_INTEGER, isWhole: false });
  if (ms !== undefined) checkDuration('ms', ms);
}

type Armed = Fault & { readonly draw: () => number };

/** Faults that stages share and that may change while they run; for tests and demonstrations. */
export class Faults {
  /** The number of faults that happened. */
  injected = 0;
  private armed: readonly Armed[] = [];

  constructor(faults: readonly Fault[] = []) {
    this.set(faults);
  }

  /** Replaces all faults, from the next batch on. */
  set(faults: readonly Fault[]): void {
    for (const fault of faults) check(fault);
    this.armed = faults.map((fault) => ({ ...fault, draw: drawsOf(fault.seed) }));
  }

  /** @internal Runs the work of one batch under the faults for this kind of stage. */
  run<T>(at: StageKind, runtime: Runtime, work: () => T | PromiseLike<T>): T | PromiseLike<T> {
    for (const fault of this.armed) {
      if (fault.at !== at || fault.draw() >= fault.probability) continue;
      this.injected += 1;
      return suffer(fault, runtime, work);
    }
    return work();
  }
}

function suffer<T>(
  { at, kind, ms, draw }: Armed,
  runtime: Runtime,
  work: () => T | PromiseLike<T>,
): T | PromiseLike<T> {
  if (kind === 'delay') return sleep(runtime, ms ?? 1).then(work);
  if (kind === 'stall') return sleep(runtime, ms ?? 1_000).then(work);
  if (kind === 'duplicate') return Promise.resolve(work()).then(work);
  const crash = (): never => {
    throw new InjectedCrash(at);
  };
  // A producer must not crash after its work: nobody else would know the events it made.
  return at === 'producer' || draw() < 0.5 ? crash() : Promise.resolve(work()).then(crash);
}

/** splitmix32: numbers in [0, 1) from a seed. */
function drawsOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
