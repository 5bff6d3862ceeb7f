import { isFailure, type Timer } from '@aisle/std';
import { checkReason, isAbnormal, type ExitReason, type ExitSignal } from '../exit-reason.ts';
import { CallFailure, Deadlock, ProcessFailure } from '../failures.ts';
import type { DeadLetterCause } from '../message/dead-letters.ts';
import { CALL, CAST, CONTINUE, Envelope, INFO, KINDS, Mailbox, PEEK, STOP } from '../message/mailbox.ts';
import type { CallOptions, CastOptions, SendOptions, Unchecked } from '../message/protocol.ts';
import type { Ref, Tracer } from '../message/ref.ts';
import { Request } from '../message/request.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';
import { bytesOf, checkTimeout, faultOf } from './arguments.ts';
import type { Behaviour } from './behaviour.ts';
import { hurryStarts } from './hurry.ts';
import type { Kernel } from './kernel.ts';
import { Links } from './links.ts';
import {
  isOutcome, isPromise, KEEP, NoOutcome, noReply, type MaybePromise, type Outcome,
} from './outcome.ts';
import { factsOf, traceMessage, traceState } from './tracing.ts';

const CALL_TIMEOUT_MS = 5_000;

const STARTING = 0;
const IDLE = 1;
const BUSY = 2;
const TERMINATING = 3;
const DEAD = 4;
const STATUS_NAMES = ['starting', 'idle', 'busy', 'terminating', 'dead'] as const;

type Turn = MaybePromise<Outcome<unknown, unknown>>;

/**
 * A running server: its state, its mailbox, its links. It runs one turn at a time. Everything that an idle server does
 * not need is allocated on first use, since a node holds very many of them. Users see it as a `Ref`, its own handlers
 * as a `Context`.
 */
export class Process extends Links implements Ref {
  readonly pid: number;
  readonly startedAtMs: number;
  /** The Context that its handlers get. */
  context: unknown = undefined;
  /** True while it is in the scheduler's queue. */
  scheduled = false;
  override trapExit: boolean;
  /** Number of restarts of this child by its supervisor. */
  restarts = 0;
  controller: AbortController | undefined = undefined;
  timers: Set<Timer> | undefined = undefined;
  tracers: Tracer[] | undefined = undefined;
  private status = STARTING;
  private state: unknown = undefined;
  private mailbox: Mailbox | undefined = undefined;
  private unanswered: Set<Request> | undefined = undefined;

  constructor(
    readonly system: Kernel,
    readonly behaviour: Behaviour,
    readonly spec: ChildSpec,
    parent: Process | undefined,
  ) {
    super(parent);
    this.pid = system.nextPid();
    this.startedAtMs = system.runtime.clock.monotonicMs();
    this.trapExit = behaviour.trapExit;
  }

  get label(): string {
    return `${this.spec.id}#${this.pid}`;
  }

  get alive(): boolean {
    return this.status !== DEAD;
  }

  /** Waiting messages. */
  get depth(): number {
    return this.mailbox?.depth ?? 0;
  }

  get statusName(): (typeof STATUS_NAMES)[number] {
    return STATUS_NAMES[this.status]!;
  }

  get isStarting(): boolean {
    return this.status === STARTING;
  }

  get isReady(): boolean {
    return this.status === IDLE && this.mailbox !== undefined && this.mailbox.depth > 0;
  }

  override toString(): string {
    return this.label;
  }

  toJSON(): string {
    return this.label;
  }

  whereis(): this | undefined {
    return this.alive ? this : undefined;
  }

  // --- messages from others

  call(name: string, payload?: unknown, options?: CallOptions): Promise<Unchecked> {
    if (this.system.scheduler.current === this) return Promise.reject(new Deadlock(this.label));

    const fault = options && faultOf(options);
    if (fault !== undefined) return Promise.reject(fault);
    const timeoutMs = options?.timeoutMs ?? CALL_TIMEOUT_MS;
    const request = new Request(this, name, payload, options?.bytes ?? 0);
    // An idle server answers within the call: no queue, no timer. The caller still gets a promise.
    if (this.takeAtOnce(request)) return request.wait(timeoutMs);
    if (this.status === DEAD) {
      this.bury(request, 'noproc');
      return Promise.reject(ProcessFailure.noproc(this.label));
    }
    if (!this.admit(request)) {
      return Promise.reject(CallFailure.mailboxFull(this.label, this.behaviour.bound.messagesMax));
    }
    return request.wait(timeoutMs);
  }

  cast(name: string, payload?: unknown, options?: CastOptions): boolean {
    return this.admit(new Envelope(CAST, name, payload, bytesOf(options)));
  }

  send(payload: unknown, options?: SendOptions): boolean {
    const envelope = new Envelope(INFO, undefined, payload, bytesOf(options));
    return (options?.atOnce === true && this.takeAtOnce(envelope)) || this.admit(envelope);
  }

  room(): Promise<boolean> {
    if (this.status === DEAD) return Promise.resolve(false);
    return this.mailbox?.room() ?? Promise.resolve(true);
  }

  /** Accepts a message regardless of the bound: from its own timers, from its links, from the runtime. */
  post(envelope: Envelope): void {
    if (this.status === DEAD) return;
    (this.mailbox ??= new Mailbox(this.behaviour.bound)).push(envelope);
    if (this.status === IDLE) this.system.scheduler.schedule(this);
    else if (envelope.kind === STOP && this.status !== TERMINATING) hurryStarts(this);
  }

  exit(signal: ExitSignal): void {
    checkReason(signal);
    this.receiveExit(this.system.scheduler.current as Process | undefined, signal);
  }

  async stop(reason: ExitReason = 'normal', timeoutMs: number | 'infinity' = 'infinity'): Promise<void> {
    const { timers } = this.system.runtime;
    checkReason(reason);
    checkTimeout('timeoutMs', timeoutMs);
    this.post(new Envelope(STOP, undefined, reason, 0));
    await new Promise<void>((resolve, reject) => {
      const late = (): void => reject(CallFailure.timeout(this.label, 'stop', timeoutMs as number));
      const timer = timeoutMs === 'infinity' ? undefined : timers.after(timeoutMs, late);
      void this.whenDown().then(() => {
        timer?.cancel();
        resolve();
      });
    });
  }

  getState(): Promise<unknown> {
    const request = new Request(this, 'getState', undefined, 0);
    if (this.status === DEAD) return Promise.reject(ProcessFailure.noproc(this.label));
    if (this.status === STARTING || this.depth > 0 || this.status !== IDLE) {
      this.post(new Envelope(PEEK, undefined, request, 0));
      return request.wait(CALL_TIMEOUT_MS);
    }
    return Promise.resolve(this.state);
  }

  trace(tracer: Tracer): () => void {
    this.tracers = [...(this.tracers ?? []), tracer];
    return () => {
      const others = this.tracers?.filter((other) => other !== tracer);
      this.tracers = others?.length ? others : undefined;
    };
  }

  expect(request: Request): void {
    if (this.reason !== undefined) request.exited(this.reason);
    else (this.unanswered ??= new Set()).add(request);
  }

  settled(request: Request): void {
    this.unanswered?.delete(request);
  }

  // --- turns

  /** Starts its life with the state that `init` made. */
  begin(state: unknown, next: unknown): void {
    this.state = state;
    this.endTurn(next);
  }

  /** Handles up to `turns` messages one after another; stops at one that awaits. */
  run(turns: number): number {
    let done = 0;
    for (; done < turns && this.status === IDLE; done += 1) {
      const envelope = this.mailbox?.shift();
      if (envelope === undefined) break;
      this.turn(envelope);
    }
    return done;
  }

  /** Runs one turn on the sender's stack. Returns false if the message has to wait. */
  private takeAtOnce(envelope: Envelope): boolean {
    const { scheduler } = this.system;
    if (this.status !== IDLE || this.depth > 0 || !scheduler.enter()) return false;
    this.turn(envelope);
    scheduler.leave();
    return true;
  }

  private turn(envelope: Envelope): void {
    if (envelope.kind === STOP) return this.terminate(envelope.payload as ExitReason, envelope);
    if (envelope.kind === PEEK) return void (envelope.payload as Request).reply(this.state);
    const { scheduler } = this.system;
    const outer = scheduler.current;
    scheduler.current = this;
    this.status = BUSY;
    if (envelope.kind === CALL) (envelope as Request).started = true;
    let outcome: Turn;
    try {
      if (this.tracers !== undefined) traceMessage(this, envelope);
      outcome = this.handle(envelope);
    } catch (error) {
      scheduler.current = outer;
      return this.failed(envelope, error);
    }
    scheduler.current = outer;
    if (isPromise(outcome)) this.await(outcome, envelope);
    else this.finish(envelope, outcome);
  }

  // Separate, because a function that contains a closure allocates for it in every turn.
  private await(outcome: PromiseLike<Outcome<unknown, unknown>>, envelope: Envelope): void {
    outcome.then(
      (settled) => this.finish(envelope, settled),
      (error: unknown) => this.failed(envelope, error),
    );
  }

  private handle(envelope: Envelope): Turn {
    const { behaviour, state, context } = this;
    const { kind, name, payload } = envelope;
    if (kind === CALL) {
      const handler = behaviour.calls.get(name as string);
      if (handler === undefined) throw CallFailure.unhandled(this.label, name as string);
      return handler(state, payload, envelope as Request, context);
    }
    if (kind === CAST) {
      const handler = behaviour.casts.get(name as string);
      if (handler !== undefined) return handler(state, payload, context);
    } else {
      const handler = kind === INFO ? behaviour.handleInfo : behaviour.handleContinue;
      if (handler !== undefined) return handler(state, payload, context);
    }
    this.bury(envelope, 'unhandled');
    return noReply(state);
  }

  private finish(envelope: Envelope, outcome: Outcome<unknown, unknown>): void {
    // The process was killed in the middle of this turn, so its decision has no effect.
    if (this.status !== BUSY) return;
    if (!isOutcome(outcome)) return this.terminate({ error: new NoOutcome(this.label) }, envelope);
    const { state, replied, value, next, reason } = outcome;
    if (state !== KEEP) {
      const previous = this.state;
      this.state = state;
      if (this.tracers !== undefined && previous !== state) traceState(this, state, previous);
    }
    if (replied) (envelope as Request).reply(value);
    if (reason !== undefined) this.terminate(reason as ExitReason, envelope);
    else this.endTurn(next);
  }

  private endTurn(next: unknown): void {
    this.controller = undefined;
    this.status = IDLE;
    if (next !== undefined) {
      const mailbox = (this.mailbox ??= new Mailbox(this.behaviour.bound));
      mailbox.unshift(new Envelope(CONTINUE, undefined, next, 0));
    }
    if (this.isReady) this.system.scheduler.schedule(this);
  }

  /** A Failure is an expected refusal: the server lives and its state is unchanged. Anything else is a crash. */
  private failed(envelope: Envelope, error: unknown): void {
    if (this.status !== BUSY) return;
    if (envelope.kind === CONTINUE || !isFailure(error)) return this.terminate({ error }, envelope);
    if (envelope.kind === CALL) (envelope as Request).fail(error);
    else this.bury(envelope, CallFailure.unhandled.is(error) && error.details['server'] === this.label ? 'unhandled' : 'refused');
    this.endTurn(undefined);
  }

  // --- the end

  private terminate(reason: ExitReason, last: Envelope): void {
    this.status = TERMINATING;
    this.controller = undefined;
    if (isAbnormal(reason)) this.reportCrash(reason, last);
    const { scheduler } = this.system;
    const outer = scheduler.current;
    scheduler.current = this;
    let ending: MaybePromise<void>;
    try {
      ending = this.behaviour.terminate?.(reason, this.state, this.context);
    } catch (error) {
      scheduler.current = outer;
      return this.failedEnd(error, last);
    }
    scheduler.current = outer;
    if (!isPromise(ending)) return this.die(reason);
    ending.then(
      () => this.die(reason),
      (error: unknown) => this.failedEnd(error, last),
    );
  }

  /** An error in `terminate` becomes the reason of the end, and counts as a crash even if the end was orderly. */
  private failedEnd(error: unknown, last: Envelope): void {
    if (this.status !== TERMINATING) return;
    this.reportCrash({ error }, last);
    this.die({ error });
  }

  /** Ends at once. The rest of a running turn has no effect. */
  die(reason: ExitReason): void {
    if (this.status === DEAD) return;
    const isReported = this.status !== STARTING && !this.expected;
    this.status = DEAD;
    this.reason = reason;
    this.state = undefined;
    for (const timer of this.timers ?? []) timer.cancel();
    this.controller?.abort(reason);
    for (const request of this.unanswered ?? []) request.exited(reason);
    for (const envelope of this.mailbox?.drain() ?? []) if (envelope.kind !== PEEK) this.bury(envelope, 'exited');
    this.system.processes.delete(this);
    this.announceEnd(this, reason, isReported);
  }

  // --- mailbox and dead letters

  private admit(envelope: Envelope): boolean {
    if (this.status === DEAD) {
      this.bury(envelope, 'noproc');
      return false;
    }
    const mailbox = (this.mailbox ??= new Mailbox(this.behaviour.bound));
    if (mailbox.isFull(envelope.bytes)) return this.overflow(mailbox, envelope);
    mailbox.push(envelope);
    if (this.status === IDLE) this.system.scheduler.schedule(this);
    return true;
  }

  private overflow(mailbox: Mailbox, envelope: Envelope): boolean {
    const { overflow, bytesMax } = this.behaviour.bound;
    if (envelope.kind === CAST && envelope.bytes <= bytesMax) {
      if (overflow === 'block' && mailbox.block(envelope)) return true;
      while (overflow === 'drop_oldest') {
        const oldest = mailbox.dropOldest();
        if (oldest === undefined) break;
        this.bury(oldest, 'dropped');
        if (mailbox.isFull(envelope.bytes)) continue;
        mailbox.push(envelope);
        return true;
      }
    }
    this.bury(envelope, 'mailbox_full');
    return false;
  }

  private bury({ kind, name, payload }: Envelope, cause: DeadLetterCause): void {
    this.system.deadLetters.add({ to: this, kind: KINDS[kind]!, name, payload, cause });
  }

  // --- what others may watch

  private reportCrash(reason: ExitReason, last: Envelope): void {
    const { system } = this;
    const message = last.kind === STOP ? undefined : factsOf(last);
    const { state } = this;
    system.shield(() => system.hooks.onCrash?.({ ref: this, reason, message, state }));
    for (const tracer of this.tracers ?? []) system.shield(() => tracer.onCrash?.(this, reason));
  }
}
