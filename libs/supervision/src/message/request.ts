import type { Runtime, Timer } from '@aisle/std';
import type { ExitReason } from '../exit-reason.ts';
import { CallFailure, ServerExited } from '../failures.ts';
import { CALL, Envelope } from './mailbox.ts';
import type { Ref } from './ref.ts';
import type { DeadLetters } from './dead-letters.ts';

/** The caller of a request. Keep it to answer in a later turn than the one that took the request. */
export interface From<R = unknown> {
  /** Answers, once. Returns false if nobody waits any more: the call timed out or was answered. */
  reply(value: R): boolean;
  /** Answers with an error, once: the caller's promise rejects with it. */
  fail(error: unknown): boolean;
}

/** The part of a server that a call uses. */
export interface Callee {
  readonly label: string;
  readonly system: {
    readonly runtime: Runtime;
    readonly deadlines: RequestDeadlines;
    readonly deadLetters: DeadLetters;
  };
  /** Registers a request that waits for its answer, until `settled`. */
  expect(request: Request): void;
  settled(request: Request): void;
}

const PENDING = 0;
const REPLIED = 1;
const FAILED = 2;

/**
 * A pending call, with the one-shot alias for its answer. An answer that comes before anyone waits costs no promise
 * machinery. A late one finds the alias closed and goes to the dead letters.
 */
export class Request extends Envelope implements From {
  /** True once a turn has taken the request: from then on its effect is unknown to a caller without an answer. */
  started = false;
  private outcome = PENDING;
  private answer: unknown = undefined;
  private resolve: ((value: unknown) => void) | undefined = undefined;
  private reject: ((error: unknown) => void) | undefined = undefined;
  private timer: Timer | undefined = undefined;

  constructor(
    private readonly server: Callee & Ref,
    name: string,
    payload: unknown,
    bytes: number,
  ) {
    super(CALL, name, payload, bytes);
  }

  reply(value: unknown): boolean {
    if (this.outcome !== PENDING) return this.late(value);
    this.outcome = REPLIED;
    if (this.resolve === undefined) this.answer = value;
    else this.close(this.resolve, value);
    return true;
  }

  fail(error: unknown): boolean {
    if (this.outcome !== PENDING) return this.late(error);
    this.outcome = FAILED;
    if (this.reject === undefined) this.answer = error;
    else this.close(this.reject, error);
    return true;
  }

  /** The server ended before it answered. */
  exited(reason: ExitReason): void {
    this.fail(new ServerExited(this.server.label, reason, this.started));
  }

  /** The caller's promise. It is settled at once if the answer is there. */
  wait(timeoutMs: number | 'infinity'): Promise<unknown> {
    if (this.outcome === REPLIED) return Promise.resolve(this.answer);
    if (this.outcome === FAILED) return Promise.reject(this.answer);
    const promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.server.expect(this);
    if (timeoutMs !== 'infinity') this.server.system.deadlines.add(this, timeoutMs);
    return promise;
  }

  /** Sets the timer, unless the answer has come. */
  arm(timeoutMs: number): void {
    if (this.outcome !== PENDING) return;
    const { label, system } = this.server;
    const expire = (): void => void this.fail(CallFailure.timeout(label, this.name as string, timeoutMs));
    this.timer = system.runtime.timers.after(timeoutMs, expire);
  }

  private close(settle: (answer: unknown) => void, answer: unknown): void {
    this.timer?.cancel();
    this.server.settled(this);
    settle(answer);
  }

  private late(payload: unknown): false {
    const { server, name } = this;
    server.system.deadLetters.add({ to: server, kind: 'call', name, payload, cause: 'late_reply' });
    return false;
  }
}

/**
 * Timers of calls. They are set at the end of the event-loop turn, and only for calls that still wait. Most calls are
 * answered before that, and a timer costs more than the call.
 */
export class RequestDeadlines {
  private waiting: { request: Request; timeoutMs: number }[] = [];

  constructor(private readonly runtime: Runtime) {}

  add(request: Request, timeoutMs: number): void {
    if (this.waiting.push({ request, timeoutMs }) === 1) this.runtime.defer(this.armAll);
  }

  private readonly armAll = (): void => {
    const waiting = this.waiting;
    this.waiting = [];
    for (const { request, timeoutMs } of waiting) request.arm(timeoutMs);
  };
}
