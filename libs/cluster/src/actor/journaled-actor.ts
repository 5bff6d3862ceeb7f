import type { EnvelopeHeader } from '@aisle/broker';
import type { BodyOf, Immutable, MessagesOf, Protocol, ReplyOf } from '@aisle/contracts';
import { Activation, type Behaviour, type Journal, type Version } from '@aisle/journal';
import { via, type Registry } from '@aisle/registry';
import type { Failure } from '@aisle/std';
import { DynamicSupervisor, type Address, type Context, type MaybePromise, type Ref } from '@aisle/supervision';
import type { ActorKind } from '../hosting/actor-host.ts';
import { actorServer, type ActorMessages } from './actor-server.ts';
import type { ActorContext, Decision } from './decision.ts';

/** The key of an actor, and its shard. */
export interface ActorAddress {
  readonly shard: number;
  readonly key: string;
}

/** A message to an actor, with the occasion that was determined at its arrival. */
export interface ActorRequest<Body, Occasion> {
  readonly body: Body;
  readonly envelope: Readonly<EnvelopeHeader>;
  readonly occasion: Occasion;
}

/** Handlers of the protocol's messages that the actor itself answers. */
export type ActorHandlers<P, State, Command, Outcome, Own, Occasion> = {
  readonly [Name in keyof MessagesOf<P>]?: (
    state: State, request: ActorRequest<BodyOf<P[Name]>, Occasion>, actor: ActorContext<State, Own>,
  ) => MaybePromise<Decision<State, Command, Outcome, Own, Immutable<ReplyOf<P[Name]>>>>;
};

/** The declaration of a kind of actor. */
export interface ActorDeclaration<P extends Protocol, State, Command, Event, Outcome, Own, Occasion> {
  /** The name of its processes, as the supervision tree shows it. */
  readonly name: string;
  /** The word for one actor in error texts. */
  readonly noun: string;
  readonly protocol: P;
  /** The rules. */
  readonly behaviour: Behaviour<State, Command, Event, Outcome>;
  /** The address of a message's actor; by default from the header's `actor` and `shard`. */
  readonly addressOf?: (envelope: Readonly<EnvelopeHeader>) => ActorAddress;
  /**
   * Determines what applies to a message, such as prices and the clock. It is called before the actor is loaded, so a refusal
   * thrown here loads nothing.
   */
  readonly occasion: (envelope: Readonly<EnvelopeHeader>) => Occasion;
  /**
   * Functions of the latest state. They are synchronous, except those that must ask another process. A controller answers
   * messages of the protocol that have no handler here.
   */
  readonly handlers: ActorHandlers<P, State, Command, Outcome, Own, Occasion>;
  /** Makes the actor's own parts in memory, such as its children. */
  readonly begin: (process: Context) => Own;
  /** Runs in the same turn after a command was decided, for example to stop children that the latest state no longer needs. */
  readonly decided?: (actor: ActorContext<State, Own>) => void;
  /** Returns a last command before the actor leaves this node, if one is needed. */
  readonly settle?: (state: State, actor: ActorContext<State, Own>) => MaybePromise<Decision<State, Command, Outcome, Own, unknown> | undefined>;
  /** Rows in the app's tables that are written in each commit. They replace snapshots: the actor is loaded from them. */
  readonly rows?: { readonly load: (key: string) => Promise<Version<State>> };
  /** The approximate memory of an actor in bytes; `commands` is the number of its remembered commands. */
  readonly bytesOf: (state: State, commands: number) => number;
  /** The failure while an actor ends and begins again, of kind `unavailable`. */
  readonly restarting: () => Failure;
  /** Codes of the actor's own failures after which a command may run again under the same id. */
  readonly runAgain?: readonly string[];
  /** As in `Activation`. */
  readonly waitingMax?: number;
  readonly snapshotEvery?: number;
}

/** An actor in memory. */
export interface LiveActor<State, Command, Event, Outcome, Own> {
  readonly server: Ref<ActorMessages<State, Command, Outcome, Own>>;
  readonly activation: Activation<State, Command, Event, Outcome>;
}

/** The parts of a process that its actors share. */
export interface ActorParts<State, Command, Outcome, Own> {
  readonly journal: Journal;
  readonly registry: Registry<ActorMessages<State, Command, Outcome, Own>, undefined>;
  /** A dynamic supervisor, whose children the actors become. */
  readonly supervisor: Address;
}

/** A kind of journaled actor, ready to be hosted. */
export interface JournaledActor<P extends Protocol, State, Command, Event, Outcome, Own, Occasion>
  extends ActorDeclaration<P, State, Command, Event, Outcome, Own, Occasion> {
  /** The functions by which a node starts and stops the actors. */
  kind(parts: ActorParts<State, Command, Outcome, Own>): ActorKind<LiveActor<State, Command, Event, Outcome, Own>>;
}

/** After these failures the outcome is unknown. A repetition under the same command id is safe. */
const RUN_AGAIN = ['journal.actor_outdated', 'journal.outcome_unknown', 'process.noproc'];
const PATIENT = { timeoutMs: 'infinity' } as const;
// Fewer rows are replayed faster than a snapshot is written.
const SNAPSHOT_ROWS_MIN = 20;

/**
 * Declares a kind of actor whose commands are decided in memory, one after another, and committed in groups. Each actor is
 * one process. The process is temporary, since only the journal or the actor's rows can restore it.
 */
export function journaledActor<P extends Protocol, State, Command, Event, Outcome, Own, Occasion>(
  declared: ActorDeclaration<P, State, Command, Event, Outcome, Own, Occasion>,
): JournaledActor<P, State, Command, Event, Outcome, Own, Occasion> {
  const { behaviour, rows, waitingMax, snapshotEvery } = declared;
  const server = actorServer(declared);
  const runAgain = new Set([...RUN_AGAIN, ...(declared.runAgain ?? [])]);
  return {
    ...declared,
    kind: ({ journal, registry, supervisor }) => ({
      async start(key, lease, mayRead) {
        const activation = await Activation.load({
          journal, lease, actor: key, behaviour, mayRead, loadState: rows && (() => rows.load(key)), waitingMax, snapshotEvery,
        });
        const spec = server.childSpec({ key, activation }, { id: key, restart: 'temporary', name: via(registry, key) });
        return { server: await DynamicSupervisor.startChild(supervisor, spec), activation };
      },
      async stop({ server, activation }) {
        if (declared.settle && !activation.over && server.alive) await server.call('settle', undefined, PATIENT).catch(() => undefined);
        if (!rows && !activation.over) await activation.snapshot(SNAPSHOT_ROWS_MIN).catch(() => undefined);
        if (server.alive) await DynamicSupervisor.terminateChild(supervisor, server);
      },
      isAlive: ({ server }) => server.alive,
      bytesOf: ({ activation }) => declared.bytesOf(activation.latestState, activation.remembered),
      mayRunAgain: ({ code }) => runAgain.has(code),
    }),
  };
}

