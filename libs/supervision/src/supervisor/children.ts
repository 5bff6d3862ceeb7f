import { isFailure } from '@aisle/std';
import { isAbnormal, type ExitReason } from '../exit-reason.ts';
import { StartFailed } from '../failures.ts';
import type { Ref } from '../message/ref.ts';
import type { Context } from '../process/context.ts';
import { isPromise, type MaybePromise } from '../process/outcome.ts';
import type { Process } from '../process/process.ts';
import type { SupervisorEvent } from '../reports.ts';
import { SHUTDOWN_MS, type ChildSpec } from './child-spec.ts';

/** One entry of `whichChildren`. */
export interface ChildInfo {
  readonly id: string;
  /** `restarting` while it waits for its next attempt; undefined if it is stopped or was ignored. */
  readonly ref: Ref | 'restarting' | undefined;
  readonly type: 'worker' | 'supervisor';
  readonly restart: 'permanent' | 'transient' | 'temporary';
}

/** The answer of `countChildren`. */
export interface ChildCount {
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

/** A child specification, with its present process. */
export class Child {
  process: Process | undefined = undefined;
  /** Its last start failed or waits for its time, and another attempt will come. */
  restarting = false;
  restarts = 0;
  /** Restarts since it last lived long; a backoff grows with this number. */
  attempts = 0;

  constructor(readonly spec: ChildSpec) {}

  get isTemporary(): boolean {
    return this.spec.restart === 'temporary';
  }
}

/** Starts a process by its specification. Any error becomes a Failure. */
export function startProcess(ctx: Context, spec: ChildSpec): MaybePromise<Process> {
  const failed = (error: unknown): never => {
    throw isFailure(error) ? error : new StartFailed(spec.id, { error });
  };
  const check = (child: Process): Process => {
    if (child.parent === ctx.self) return child;
    throw new TypeError('start returned a process that ctx.startLink did not start');
  };
  try {
    const started = ctx.startLink(spec) as MaybePromise<Process>;
    return isPromise(started) ? started.then(check).then(undefined, failed) : check(started);
  } catch (error) {
    return failed(error);
  }
}

/**
 * Ends a child as its specification says. It is asked by `shutdown` or killed, and it is killed when its time is over.
 * The parent learns of it by the result only. An unexpected exit reason is reported.
 */
export function stopProcess(self: Process, child: Process): MaybePromise<void> {
  if (!child.alive) return;
  const { shutdown = SHUTDOWN_MS } = child.spec;
  child.expected = true;
  if (shutdown === 'brutal_kill') child.die('killed');
  else child.receiveExit(self, 'shutdown');
  if (child.reason !== undefined) return checkEnd(self, child, child.reason);

  const { timers } = child.system.runtime;
  const kill = (): void => child.die('killed');
  const timer = typeof shutdown === 'number' ? timers.after(shutdown, kill) : undefined;
  return child.whenDown().then((reason) => {
    timer?.cancel();
    checkEnd(self, child, reason);
  });
}

function checkEnd(self: Process, { spec }: Process, reason: ExitReason): void {
  const asked =
    spec.shutdown === 'brutal_kill'
      ? reason === 'killed'
      : reason === 'shutdown' || (typeof reason === 'object' && 'shutdown' in reason);
  if (!asked && reason !== 'normal') report(self, 'shutdown_error', spec.id, reason);
}

/** Reports an action of a supervisor to the system's hook. */
export function report(
  supervisor: Process,
  kind: SupervisorEvent['kind'],
  id: string,
  reason: ExitReason,
): void {
  const { system } = supervisor;
  if (kind === 'child_terminated' && !isAbnormal(reason)) return;
  system.shield(() => system.hooks.onSupervisor?.({ kind, supervisor, id, reason }));
}

/** The exit reason behind a failed start. */
export function startFailure(error: unknown): ExitReason {
  return error instanceof StartFailed ? error.reason : { error };
}

export function countChildren(children: readonly ChildInfo[]): ChildCount {
  const supervisors = children.filter(({ type }) => type === 'supervisor').length;
  return {
    specs: children.length,
    active: children.filter(({ ref }) => typeof ref === 'object').length,
    supervisors,
    workers: children.length - supervisors,
  };
}

export function infoOf(spec: ChildSpec, ref: ChildInfo['ref']): ChildInfo {
  return { id: spec.id, ref, type: spec.type ?? 'worker', restart: spec.restart ?? 'permanent' };
}
