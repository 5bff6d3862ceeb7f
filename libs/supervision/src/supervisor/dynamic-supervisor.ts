import type { ExitReason } from '../exit-reason.ts';
import { checkNumber } from '@aisle/std';
import { CallFailure, ChildFailure } from '../failures.ts';
import { Envelope, INFO } from '../message/mailbox.ts';
import type { Protocol, Unchecked } from '../message/protocol.ts';
import type { Address, Ref } from '../message/ref.ts';
import type { From } from '../message/request.ts';
import type { Context } from '../process/context.ts';
import { DownMessage, ExitMessage, isMessage, type Exit } from '../process/links.ts';
import {
  isPromise, noReply, ok, reply, stop, type MaybePromise, type Outcome,
} from '../process/outcome.ts';
import { Process } from '../process/process.ts';
import { defineServer } from '../server/gen-server.ts';
import { checkSpec, type ChildOptions, type ChildSpec } from './child-spec.ts';
import {
  countChildren, infoOf, report, startFailure, startProcess, stopProcess,
  type ChildCount, type ChildInfo,
} from './children.ts';
import {
  backoffMs, checkRestartFlags, RestartIntensity, wantsRestart, type RestartFlags,
} from './restart-policy.ts';
import { Slices } from './slices.ts';
import { REQUESTS } from './supervisor-state.ts';

export interface DynamicSupervisorFlags extends RestartFlags {
  /** Concurrent children; `infinity` by default, as in Elixir. */
  maxChildren?: number;
}

/** The protocol of a dynamic supervisor; the functions of `DynamicSupervisor` send it. */
export interface DynamicSupervisorProtocol {
  call: {
    startChild(spec: ChildSpec): Ref;
    terminateChild(child: Ref): void;
    whichChildren(): ChildInfo[];
    countChildren(): ChildCount;
  };
  info: Retry;
}

/** Another attempt to start a child. It counts as a restart, unless it was counted before its wait. */
class Retry {
  constructor(
    readonly type: 'try_again' | 'start',
    readonly dead: Process,
  ) {}
}

type Decision = Outcome<never, DynamicState>;

/**
 * Children that were unknown when the supervisor started. The process itself keeps them (`children`), so that a
 * supervisor without children stays small. The slow `init` or end of one child holds up no other.
 */
class DynamicState {
  private readonly self: Process;
  private readonly intensity: RestartIntensity;
  /** Children that wait for their next attempt, by the process that died last. */
  private restarting: Set<Process> | undefined = undefined;
  /** Restarts since a child last lived long; kept only if there is a backoff. */
  private attempts: WeakMap<Process, number> | undefined = undefined;

  constructor(
    private readonly flags: DynamicSupervisorFlags,
    private readonly ctx: Context<DynamicSupervisorProtocol>,
  ) {
    const { maxChildren } = flags;
    if (maxChildren !== undefined) checkNumber('maxChildren', maxChildren, { min: 0, isEndless: true });
    checkRestartFlags(flags);
    this.self = ctx.self as Process;
    this.intensity = new RestartIntensity(flags);
  }

  start(spec: ChildSpec, from: From<Ref>): MaybePromise<Outcome<Ref, DynamicState>> {
    checkSpec(spec);
    if (spec.significant) throw ChildFailure.invalidSpec(spec.id, 'a child of a dynamic supervisor cannot be significant');
    const { maxChildren = Infinity } = this.flags;
    const count = (this.self.children?.size ?? 0) + (this.restarting?.size ?? 0);
    if (count >= maxChildren) throw ChildFailure.tooMany(this.self.label, maxChildren);
    return this.answer(startProcess(this.ctx, spec), from);
  }

  terminate(ref: Ref, from: From<void>): MaybePromise<Outcome<void, DynamicState>> {
    if (!isMessage(ref, Process)) throw ChildFailure.notFound(ref);
    const child = ref as Process;
    if (this.restarting?.delete(child)) return reply(undefined, this);
    if (!child.alive || child.parent !== this.self) throw ChildFailure.notFound(child.label);
    return this.answer(stopProcess(this.self, child), from);
  }

  /** Ends all children at once, each within its own time. */
  async terminateAll(): Promise<void> {
    const slices = new Slices(this.ctx.runtime);
    const ends: PromiseLike<void>[] = [];
    for (const child of [...(this.self.children ?? [])]) {
      const end = stopProcess(this.self, child);
      if (isPromise(end)) ends.push(end);
      if (slices.isOver) await slices.next();
    }
    await Promise.all(ends);
  }

  get isEmpty(): boolean {
    return (this.self.children?.size ?? 0) === 0;
  }

  which(): ChildInfo[] {
    return [
      ...[...(this.self.children ?? [])].map((child) => infoOf(child.spec, child)),
      ...[...(this.restarting ?? [])].map((dead) => infoOf(dead.spec, 'restarting')),
    ];
  }

  exited({ from, reason }: Exit): Decision {
    const child = from as Process | undefined;
    // As in OTP, ignore a process that is neither child nor parent.
    if (child?.parent !== this.self || child.alive) return noReply(this);
    report(this.self, 'child_terminated', child.spec.id, reason);
    if (!wantsRestart(child.spec.restart ?? 'permanent', reason)) return noReply(this);
    const livedMs = this.ctx.runtime.clock.monotonicMs() - child.startedAtMs;
    if (livedMs >= (this.flags.backoff?.maxMs ?? 0)) this.attempts?.delete(child);
    return this.revive(child, reason);
  }

  retry({ type, dead }: Retry): Decision {
    // The child was terminated by its old ref in the meantime.
    if (!this.restarting?.delete(dead)) return noReply(this);
    if (type === 'try_again') return this.revive(dead, 'noproc');
    this.startAgain(dead);
    return noReply(this);
  }

  private revive(dead: Process, reason: ExitReason): Decision {
    const { runtime } = this.ctx;
    const { backoff } = this.flags;
    if (!this.intensity.allows(runtime.clock.monotonicMs())) {
      report(this.self, 'gave_up', dead.spec.id, reason);
      return stop('shutdown', this);
    }
    if (backoff === undefined) {
      this.startAgain(dead);
    } else {
      const attempts = this.attempts?.get(dead) ?? 0;
      (this.attempts ??= new WeakMap()).set(dead, attempts + 1);
      this.waits(dead);
      this.ctx.sendAfter(backoffMs(backoff, attempts, runtime.random), new Retry('start', dead));
    }
    return noReply(this);
  }

  private startAgain(dead: Process): void {
    try {
      const started = startProcess(this.ctx, dead.spec);
      if (!isPromise(started)) return this.restarted(dead, started);
      started.then(
        (process) => this.restarted(dead, process),
        (error: unknown) => this.startFailed(dead, error),
      );
    } catch (error) {
      this.startFailed(dead, error);
    }
  }

  private restarted(dead: Process, process: Process): void {
    process.restarts = dead.restarts + 1;
    const attempts = this.attempts?.get(dead);
    if (attempts !== undefined) this.attempts?.set(process, attempts);
  }

  private startFailed(dead: Process, error: unknown): void {
    if (ChildFailure.ignored.is(error)) return;
    report(this.self, 'start_failed', dead.spec.id, startFailure(error));
    this.waits(dead);
    this.self.post(new Envelope(INFO, undefined, new Retry('try_again', dead), 0));
  }

  private waits(dead: Process): void {
    (this.restarting ??= new Set()).add(dead);
  }

  private answer<R>(result: MaybePromise<R>, from: From<R>): Outcome<R, DynamicState> {
    if (!isPromise(result)) return reply(result, this);
    result.then(
      (value) => from.reply(value),
      (error: unknown) => from.fail(error),
    );
    return noReply(this);
  }
}

const server = defineServer<DynamicSupervisorProtocol, DynamicState, DynamicSupervisorFlags>(
  'supervisor',
  {
    name: 'DynamicSupervisor',
    trapExit: true,
    mailbox: REQUESTS,
    init: (flags, ctx) => ok(new DynamicState(flags, ctx)),
    handleCall: {
      startChild: (state, spec, from) => state.start(spec, from),
      terminateChild: (state, child, from) => state.terminate(child, from),
      whichChildren: (state) => reply(state.which(), state),
      countChildren: (state) => reply(countChildren(state.which()), state),
    },
    handleInfo: (state, message, ctx) => {
      if (isMessage(message, ExitMessage)) return state.exited(message);
      if (isMessage(message, DownMessage)) return noReply(state);
      if (isMessage(message, Retry)) return state.retry(message);
      throw CallFailure.unhandled(ctx.self.label, 'info');
    },
    terminate: (_reason, state) => (state.isEmpty ? undefined : state.terminateAll()),
  },
);

// Starts and ends of children have no time limit here.
const PATIENT = { timeoutMs: 'infinity' } as const;

/** A supervisor of children that come and go independently; Elixir's `DynamicSupervisor`. */
export const DynamicSupervisor = {
  childSpec(
    flags: DynamicSupervisorFlags = {},
    options?: ChildOptions,
  ): ChildSpec<DynamicSupervisorFlags, DynamicSupervisorProtocol> {
    return server.childSpec(flags, options);
  },

  /**
   * Starts a child. If its `init` is synchronous, the child runs before this function returns, and the promise only
   * carries the ref. Rejects with StartFailed, ChildFailure.ignored, ChildFailure.alreadyStarted or ChildFailure.tooMany.
   */
  async startChild<P extends Protocol>(
    supervisor: Address<DynamicSupervisorProtocol>,
    spec: ChildSpec<Unchecked, P>,
  ): Promise<Ref<P>> {
    return supervisor.call('startChild', spec, PATIENT);
  },

  /** Ends a child for good. Rejects with ChildFailure.notFound if it is not a child or is dead. */
  terminateChild(supervisor: Address<DynamicSupervisorProtocol>, child: Ref): Promise<void> {
    return supervisor.call('terminateChild', child, PATIENT);
  },

  whichChildren(supervisor: Address<DynamicSupervisorProtocol>): Promise<ChildInfo[]> {
    return supervisor.call('whichChildren', undefined, PATIENT);
  },

  countChildren(supervisor: Address<DynamicSupervisorProtocol>): Promise<ChildCount> {
    return supervisor.call('countChildren', undefined, PATIENT);
  },
};
