import { drawMs, happens, type RangeMs } from '../world/chance.ts';
import { Reachability, type Cut } from '../world/reachability.ts';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { World } from '../world/world.ts';

/** Random faults of storage calls. Probabilities are per call, and 0 unless given. */
export interface StorageFaultRates {
  /** The latency of one way: a call takes it before its effect and again after it. */
  readonly latencyMs: RangeMs;
  /** The call fails without an effect, and its caller knows that. */
  readonly refused: number;
  /** The call takes effect after a time drawn from `lateMs`; the caller may have given up by then. */
  readonly late: number;
  readonly lateMs: RangeMs;
  /** The call takes effect, and its answer is lost or takes a time drawn from `lateMs`. */
  readonly unknown: number;
}

/** Random faults of a storage, and the time limit of its calls. */
export interface StorageFaultOptions extends StorageFaultRates {
  /** A call without an answer after this time counts as unanswered. */
  readonly timeoutMs: number;
}

/** The fault of a call: `refused` certainly had no effect; the effect of an `unanswered` call is unknown. */
export type StorageFault = 'refused' | 'unanswered';

/** The moment of a crash: before or after the effect of the process's call. */
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

/** A call on its way to the storage. */
export interface StorageCall {
  readonly process: SimulatedProcess;
  readonly method: string;
  readonly effect: () => unknown;
  readonly succeed: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly fail: (fault: StorageFault) => void;
}

/** Injects faults between the processes of a world and one storage that they share. */
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

  /** Cuts a process off from the storage: its calls (`to`), their answers (`from`), or both. Its calls time out. */
  partition(process: SimulatedProcess, direction: Cut): void {
    this.world.note(`cut off from the storage, ${direction}`, process.name);
    this.world.coverage.hit(`storage.partition ${direction}`);
    this.reach.cut(process, direction);
  }

  /** Ends a partition. The calls that were held back, about half of all, take effect now. */
  heal(process: SimulatedProcess): void {
    if (!this.reach.heal(process)) return;
    this.world.note('reaches the storage again', process.name);
    const held = this.held.filter((call) => call.process === process);
    this.held = this.held.filter((call) => call.process !== process);
    for (const call of held) this.travel(call, drawMs(this.world.random, this.rates.latencyMs));
  }

  /** Kills the process right before or after the effect of its nth call of the method from now on; 1 is the next call. */
  crashAt(process: SimulatedProcess, method: string, nth: number, moment: CrashMoment): void {
    this.crashes.push({ process, method, moment, callsLeft: nth });
  }

  /** Ends all faults and partitions and cancels planned crashes; only latency remains. */
  calm(): void {
    this.rates = { ...this.options, refused: 0, late: 0, unknown: 0 };
    this.crashes = [];
    for (const process of this.reach.cutOff) this.heal(process);
  }

  /** Runs a call with its faults. `throughFaults` makes the calls. */
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
      if (this.reach.reachesServer(call.process)) return this.takeEffect(call);
      this.giveUp(call, Math.max(0, this.options.timeoutMs - travelMs));
      if (happens(this.world.random, 0.5)) this.held.push(call);
    });
  }

  private takeEffect(call: StorageCall): void {
    const crash = this.dueCrash(call);
    if (crash?.moment === 'before') return this.crash(call, crash);
    const answer = (deliver: () => void): void => {
      if (crash) this.crash(call, crash);
      else this.answer(call, deliver);
    };
    // The call takes effect at this very instant if the storage takes no time of its own.
    void new Promise((resolve) => resolve(call.effect())).then(
      (result) => answer(() => call.succeed(result)),
      (error: unknown) => answer(() => call.reject(error)),
    );
  }

  private answer(call: StorageCall, deliver: () => void): void {
    const { random, coverage, runtime } = this.world;
    const isUnknown = happens(random, this.rates.unknown);
    if (isUnknown) coverage.hit('storage.unknown');
    const isLost = isUnknown && happens(random, 0.5);
    if (isLost || !this.reach.reachesProcess(call.process)) {
      coverage.hit('storage.answer lost');
      this.giveUp(call, this.options.timeoutMs);
      return;
    }
    const travelMs = drawMs(random, isUnknown ? this.rates.lateMs : this.rates.latencyMs);
    if (travelMs > this.options.timeoutMs) this.giveUp(call, this.options.timeoutMs);
    runtime.timers.after(travelMs, deliver);
  }

  // The first answer counts: this has no effect on a call that is answered in the meantime.
  private giveUp(call: StorageCall, afterMs: number): void {
    this.world.runtime.timers.after(afterMs, () => call.fail('unanswered'));
  }

  /** The planned crash that is due at this call, if there is one. */
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
