import { drawMs, happens, type RangeMs } from '../world/chance.ts';
import { Reachability, type Cut } from '../world/reachability.ts';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { World } from '../world/world.ts';

/** What goes wrong with calls on its own; probabilities are per call. Nothing but latency unless told. */
export interface StorageFaultRates {
  /** One way: a call takes it before its effect and again after. */
  readonly latencyMs: RangeMs;
  /** The call has no effect, and says so. */
  readonly refused: number;
  /** The call has its effect after as long as `lateMs` says; the caller may have given up by then. */
  readonly late: number;
  readonly lateMs: RangeMs;
  /** The call has its effect, and its answer is lost or takes as long as `lateMs` says. */
  readonly unknown: number;
}

export interface StorageFaultOptions extends StorageFaultRates {
  /** How long a caller waits before its call counts as unanswered. */
  readonly timeoutMs: number;
}

/** How a call went wrong: certainly without effect, or so that nobody can tell. */
export type StorageFault = 'refused' | 'unanswered';

/** When a process is killed, seen from the effect of its call. */
export type CrashMoment = 'before' | 'after';

const DEFAULTS: StorageFaultOptions = {
  latencyMs: [0.3, 1.5],
  refused: 0,
  late: 0,
  unknown: 0,
  lateMs: [500, 3_000],
  timeoutMs: 1_000,
};

interface PlannedCrash {
  readonly process: SimulatedProcess;
  readonly method: string;
  readonly moment: CrashMoment;
  callsLeft: number;
}

/** A call on its way. */
export interface StorageCall {
  readonly process: SimulatedProcess;
  readonly method: string;
  readonly effect: () => unknown;
  readonly succeed: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly fail: (fault: StorageFault) => void;
}

/** What goes wrong between the processes of a world and one storage that they share. */
export class StorageFaults {
  private readonly reach = new Reachability();
  private readonly options: StorageFaultOptions;
  private rates: StorageFaultRates;
  private held: StorageCall[] = [];
  private crashes: PlannedCrash[] = [];

  constructor(
    private readonly world: World,
    options: Partial<StorageFaultOptions> = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
    this.rates = this.options;
  }

  /** Cuts a process off: its calls (`to`), their answers (`from`), or both. Nobody is told; calls time out. */
  partition(process: SimulatedProcess, direction: Cut): void {
    this.world.note(`cut off from the storage, ${direction}`, process.name);
    this.world.coverage.hit(`storage.partition ${direction}`);
    this.reach.cut(process, direction);
  }

  /** Ends a partition. About half of the calls that it held back have their effect now. */
  heal(process: SimulatedProcess): void {
    if (!this.reach.heal(process)) return;
    this.world.note('reaches the storage again', process.name);
    const held = this.held.filter((call) => call.process === process);
    this.held = this.held.filter((call) => call.process !== process);
    for (const call of held) this.travel(call, drawMs(this.world.random, this.rates.latencyMs));
  }

  /** Kills the process right before or after the effect of its nth call of the method from now on (1 is the next). */
  crashAt(process: SimulatedProcess, method: string, nth: number, moment: CrashMoment): void {
    this.crashes.push({ process, method, moment, callsLeft: nth });
  }

  /** Ends every fault and partition, and forgets planned crashes: from now on there is nothing but latency. */
  calm(): void {
    this.rates = { ...this.options, refused: 0, late: 0, unknown: 0 };
    this.crashes = [];
    for (const process of this.reach.cutOff) this.heal(process);
  }

  /** Takes a call through all that may happen to it; `throughFaults` makes the calls. */
  begin(call: StorageCall): void {
    const { random, coverage } = this.world;
    const latencyMs = drawMs(random, this.rates.latencyMs);
    if (happens(random, this.rates.refused)) {
      coverage.hit('storage.refused');
      this.world.runtime.timers.after(2 * latencyMs, () => call.fail('refused'));
      return;
    }
    const isLate = happens(random, this.rates.late);
    if (isLate) coverage.hit('storage.late');
    const travelMs = isLate ? drawMs(random, this.rates.lateMs) : latencyMs;
    if (travelMs > this.options.timeoutMs) this.giveUp(call, this.options.timeoutMs);
    this.travel(call, travelMs);
  }

  private travel(call: StorageCall, travelMs: number): void {
    this.world.runtime.timers.after(travelMs, () => {
      if (this.reach.isHeard(call.process)) return this.takeEffect(call);
      this.giveUp(call, Math.max(0, this.options.timeoutMs - travelMs));
      if (happens(this.world.random, 0.5)) this.held.push(call);
    });
  }

  private takeEffect(call: StorageCall): void {
    const crash = this.dueCrash(call);
    if (crash?.moment === 'before') return this.crash(call, crash);
    const answer = (tell: () => void): void => {
      if (crash) this.crash(call, crash);
      else this.answer(call, tell);
    };
    // The effect is at this very instant when the storage takes no time of its own.
    void new Promise((resolve) => resolve(call.effect())).then(
      (result) => answer(() => call.succeed(result)),
      (error: unknown) => answer(() => call.reject(error)),
    );
  }

  private answer(call: StorageCall, tell: () => void): void {
    const { random, coverage, runtime } = this.world;
    const isUnknown = happens(random, this.rates.unknown);
    if (isUnknown) coverage.hit('storage.unknown');
    const isLost = isUnknown && happens(random, 0.5);
    if (isLost || !this.reach.hears(call.process)) {
      coverage.hit('storage.answer lost');
      this.giveUp(call, this.options.timeoutMs);
      return;
    }
    const travelMs = drawMs(random, isUnknown ? this.rates.lateMs : this.rates.latencyMs);
    if (travelMs > this.options.timeoutMs) this.giveUp(call, this.options.timeoutMs);
    runtime.timers.after(travelMs, tell);
  }

  // Whatever answers first counts: for a call that is answered in the meantime this does nothing.
  private giveUp(call: StorageCall, afterMs: number): void {
    this.world.runtime.timers.after(afterMs, () => call.fail('unanswered'));
  }

  /** The crash that this call brings about, if it is the planned one. */
  private dueCrash({ process, method }: StorageCall): PlannedCrash | undefined {
    let due: PlannedCrash | undefined;
    for (const crash of this.crashes) {
      if (crash.process !== process || crash.method !== method) continue;
      crash.callsLeft -= 1;
      if (crash.callsLeft === 0) due = crash;
    }
    if (due) this.crashes = this.crashes.filter((crash) => crash !== due);
    return due;
  }

  private crash({ process, method }: StorageCall, { moment }: PlannedCrash): void {
    this.world.note(`crashes ${moment} the effect of its ${method}`, process.name);
    this.world.coverage.hit(`storage.crash ${moment} ${method}`);
    process.kill();
  }
}
