import { CallFailure } from '../failures.ts';
import type { Protocol, Unchecked } from '../message/protocol.ts';
import type { Address, Ref } from '../message/ref.ts';
import { DownMessage, ExitMessage, isMessage } from '../process/links.ts';
import { noReply, reply, type MaybePromise, type Outcome } from '../process/outcome.ts';
import { ChildAddress } from '../process/path.ts';
import type { Process } from '../process/process.ts';
import { runSteps, type Steps } from './steps.ts';
import { defineServer } from '../server/gen-server.ts';
import { checkSpec, type ChildOptions, type ChildSpec } from './child-spec.ts';
import { countChildren, type ChildCount, type ChildInfo } from './children.ts';
import { checkTree, REQUESTS, Retry, SupervisorState, type SupervisorFlags } from './supervisor-state.ts';

/** A supervision tree as data: the flags, and the children in start order. */
export interface SupervisorTree extends SupervisorFlags {
  children: readonly ChildSpec[];
}

/** The protocol of a supervisor; the functions of `Supervisor` send it. */
export interface SupervisorProtocol {
  call: {
    startChild(spec: ChildSpec): Ref;
    terminateChild(id: string): void;
    restartChild(id: string): Ref;
    deleteChild(id: string): void;
    whichChildren(): ChildInfo[];
    countChildren(): ChildCount;
    getChildSpec(id: string): ChildSpec;
  };
  info: Retry;
}

// Starts and ends of children have no time limit here.
const PATIENT = { timeoutMs: 'infinity' } as const;

const server = defineServer<SupervisorProtocol, SupervisorState, SupervisorTree>('supervisor', {
  name: 'Supervisor',
  trapExit: true,
  mailbox: REQUESTS,
  init: ({ children, ...flags }, ctx) => runSteps(new SupervisorState(flags, ctx).startAll(children)),
  handleCall: {
    startChild: (state, spec) => {
      checkSpec(spec);
      return answer(state, state.add(spec));
    },
    terminateChild: (state, id) => answer(state, state.terminate(id)),
    restartChild: (state, id) => answer(state, state.restart(id)),
    deleteChild: (state, id) => answer(state, state.delete(id)),
    whichChildren: (state) => reply(state.which(), state),
    countChildren: (state) => reply(countChildren(state.which()), state),
    getChildSpec: (state, id) => reply(state.specOf(id), state),
  },
  handleInfo: (state, message, ctx) => {
    if (isMessage(message, ExitMessage)) return runSteps(state.exited(message));
    if (isMessage(message, DownMessage)) return noReply(state);
    if (isMessage(message, Retry)) return runSteps(state.retry(message));
    throw CallFailure.unhandled(ctx.self.label, 'info');
  },
  terminate: (_reason, state) => runSteps(state.stopAll()),
});

function answer<R>(
  state: SupervisorState,
  steps: Steps<R>,
): MaybePromise<Outcome<R, SupervisorState>> {
  return runSteps(
    (function* () {
      return reply(yield* steps, state);
    })(),
  );
}

/** A supervisor of children that are known at its start; OTP's `supervisor`. */
export const Supervisor = {
  /**
   * The specification of a supervisor: as the root with `system.start`, or as a child of another supervisor. Throws
   * ChildFailure.invalidSpec.
   */
  childSpec(
    tree: SupervisorTree,
    options?: ChildOptions,
  ): ChildSpec<SupervisorTree, SupervisorProtocol> {
    checkTree(tree, options?.id ?? 'Supervisor');
    return server.childSpec(tree, options);
  },

  /**
   * Starts another child, as the last one. Rejects with StartFailed, and then keeps no specification. Rejects with
   * ChildFailure.alreadyStarted or ChildFailure.alreadyPresent if the id is taken.
   */
  async startChild<P extends Protocol>(
    supervisor: Address<SupervisorProtocol>,
    spec: ChildSpec<Unchecked, P>,
  ): Promise<Ref<P>> {
    return supervisor.call('startChild', spec, PATIENT);
  },

  /** Stops a child and keeps its specification, unless it is temporary. Rejects with ChildFailure.notFound. */
  terminateChild(supervisor: Address<SupervisorProtocol>, id: string): Promise<void> {
    return supervisor.call('terminateChild', id, PATIENT);
  },

  /** Starts a stopped child again. Rejects with ChildFailure.notFound, ChildFailure.running, StartFailed. */
  restartChild(supervisor: Address<SupervisorProtocol>, id: string): Promise<Ref> {
    return supervisor.call('restartChild', id, PATIENT);
  },

  /** Deletes the specification of a stopped child. Rejects with ChildFailure.notFound or ChildFailure.running. */
  deleteChild(supervisor: Address<SupervisorProtocol>, id: string): Promise<void> {
    return supervisor.call('deleteChild', id, PATIENT);
  },

  /** The children, in start order. */
  whichChildren(supervisor: Address<SupervisorProtocol>): Promise<ChildInfo[]> {
    return supervisor.call('whichChildren', undefined, PATIENT);
  },

  countChildren(supervisor: Address<SupervisorProtocol>): Promise<ChildCount> {
    return supervisor.call('countChildren', undefined, PATIENT);
  },

  /** The specification of a child. Rejects with ChildFailure.notFound. */
  getChildSpec(supervisor: Address<SupervisorProtocol>, id: string): Promise<ChildSpec> {
    return supervisor.call('getChildSpec', id, PATIENT);
  },

  /** The address of a child by its id: it follows the child through its restarts. */
  child<P extends Protocol>(supervisor: Address, id: string): Address<P> {
    return new ChildAddress<P>((supervisor as Process).system, supervisor, id);
  },
};
