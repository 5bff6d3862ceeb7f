import { systemRuntime, type Runtime } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import type { DeadLetter } from '../message/dead-letters.ts';
import type { Crash, SupervisorEvent, Survived } from '../reports.ts';
import { System } from '../system.ts';

/**
 * After 512 turns a system waits for a turn of the event loop, and on virtual time only `settle` gives one. A test that
 * awaits a call before that would wait for ever. So deferred work runs in a real turn if nobody settles first.
 */
function unattended(virtual: VirtualRuntime): Runtime {
  const defer = (run: () => void): void => {
    virtual.defer(run);
    systemRuntime.defer(() => void virtual.settle());
  };
  return Object.assign(Object.create(virtual) as Runtime, { defer });
}

/** A system on virtual time that keeps every report instead of printing it. One seed is one run. */
export class VirtualSystem extends System {
  /** Crash reports, in order. */
  readonly crashes: Crash[];
  /** Errors that processes survived, in order. */
  readonly errors: Survived[];
  /** Supervisor reports, in order. */
  readonly reports: SupervisorEvent[];
  /** Dead letters, in order. */
  readonly letters: DeadLetter[];

  constructor(readonly virtual: VirtualRuntime = new VirtualRuntime()) {
    const crashes: Crash[] = [];
    const errors: Survived[] = [];
    const reports: SupervisorEvent[] = [];
    const letters: DeadLetter[] = [];
    super(unattended(virtual), {
      hooks: {
        onCrash: (crash) => crashes.push(crash),
        onError: (error) => errors.push(error),
        onSupervisor: (event) => reports.push(event),
        onDeadLetter: (letter) => letters.push(letter),
      },
    });
    this.crashes = crashes;
    this.errors = errors;
    this.reports = reports;
    this.letters = letters;
  }

  /** Runs everything that is ready. Time stands still. */
  settle(): Promise<void> {
    return this.virtual.settle();
  }

  /** Moves time forward by `ms`, timer by timer. */
  advance(ms: number): Promise<void> {
    return this.virtual.advance(ms);
  }
}
