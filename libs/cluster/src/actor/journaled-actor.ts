import type { EnvelopeHeader } from '@aisle/broker';
import type { BodyOf, Immutable, MessagesOf, Protocol, ReplyOf } from '@aisle/contracts';
import { Activation, type Behaviour, type Journal, type Version } from '@aisle/journal';
import { via, type Registry } from '@aisle/registry';
import type { Failure } from '@aisle/std';
import { DynamicSupervisor, type Address, type Context, type MaybePromise, type Ref } from '@aisle/supervision';
import type { ActorKind } from '../hosting/actor-host.ts';
import { actorServer, type ActorMessages } from './actor-server.ts';
import type { ActorContext, Decision } from './decision.ts';

/** The key of an actor, and the shard that it lives on. */
export interface ActorAddress {
  readonly shard: number;
  readonly key: string;
}

/** A message to an actor: its body, its header, and what was in force when it came. */
export interface Asked<Body, Occasion> {
  readonly body: Body;
  readonly envelope: Readonly<EnvelopeHeader>;
  readonly occasion: Occasion;
}

/** A handler for each message of the protocol that the actor itself answers. */
export type ActorHandlers<P, State, Command, Outcome, Own, Occasion> = {
  readonly [Name in keyof MessagesOf<P>]?: (
    state: State, asked: Asked<BodyOf<P[Name]>, Occasion>, actor: ActorContext<State, Own>,
  ) => MaybePromise<Decision<State, Command, Outcome, Own, Immutable<ReplyOf<P[Name]>>>>;
};

/** All that makes a kind of actor. */
export interface ActorDeclaration<P extends Protocol, State, Command, Event, Outcome, Own, Occasion> {
  /** The name of its processes, as the supervision tree shows it. */
  readonly name: string;
  /** As messages to people call one. */
  readonly noun: string;
  readonly protocol: P;
  /** The rules. */
  readonly behaviour: Behaviour<State, Command, Event, Outcome>;
  /** The actor that a message is for, where its header says it otherwise than by `actor` and `shard`. */
  readonly addressOf?: (envelope: Readonly<EnvelopeHeader>) => ActorAddress;
  /**
   * Determines what applies to a message, such as prices and the clock. It is called before the actor is loaded, so a refusal
   * thrown here loads nothing.
   */
  readonly occasion: (envelope: Readonly<EnvelopeHeader>) => Occasion;
  /**
   * Synchronous functions of the latest state; one that has to ask somebody returns a promise. A message of the protocol
   * without a handler here is answered by a controller.
   */
  readonly handlers: ActorHandlers<P, State, Command, Outcome, Own, Occasion>;
  /** Makes the actor's parts in memory beside its state, such as its children. */
  readonly begin: (process: Context) => Own;
  /** Runs after a command was decided, in its turn: the place to tidy up children by the latest state. */
  readonly decided?: (actor: ActorContext<State, Own>) => void;
  /** The last words before the actor leaves this node: a command, if one is needed. */
  readonly settle?: (state: State, actor: ActorContext<State, Own>) => MaybePromise<Decision<State, Command, Outcome, Own, unknown> | undefined>;
  /**
   * Rows in the app's tables that are written with each commit. They are the actor's snapshot: it is loaded from them, and
   * saves none.
   */
  readonly rows?: { readonly load: (key: string) => Promise<Version<State>> };
  /** About how many bytes an actor takes; `commands` of it are remembered. */
  readonly bytesOf: (state: State, commands: number) => number;
  /** The answer while an actor ends and begins again: unavailable. */
  readonly restarting: () => Failure;
  /** Codes of its own failures after which a command may be run again under the same id. */
  readonly runAgain?: readonly string[];
  /** As of `Activation`. */
  readonly waitingMax?: number;
  readonly snapshotEvery?: number;
}

/** An actor in memory. */
export interface LiveActor<State, Command, Event, Outcome, Own> {
  readonly server: Ref<ActorMessages<State, Command, Outcome, Own>>;
  readonly activation: Activation<State, Command, Event, Outcome>;
}

/** The place of an actor's processes, and the journal of their events. */
export interface ActorParts<State, Command, Outcome, Own> {
  readonly journal: Journal;
  readonly registry: Registry<ActorMessages<State, Command, Outcome, Own>, undefined>;
  /** A dynamic supervisor, whose children the actors become. */
  readonly supervisor: Address;
}

/** A kind of journaled actor, ready to be hosted. */
export interface JournaledActor<P extends Protocol, State, Command, Event, Outcome, Own, Occasion>
  extends ActorDeclaration<P, State, Command, Event, Outcome, Own, Occasion> {
  /** How a node brings the actors to life and puts them to rest. */
  kind(parts: ActorParts<State, Command, Outcome, Own>): ActorKind<LiveActor<State, Command, Event, Outcome, Own>>;
}

/** After these nothing is certain but that asking again, under the same command id, is safe. */
const RUN_AGAIN = ['journal.actor_outdated', 'journal.outcome_unknown', 'process.noproc'];
const PATIENT = { timeoutMs: 'infinity' } as const;
// Fewer rows are replayed faster than a snapshot is written.
const SNAPSHOT_ROWS_MIN = 20;

/**
 * Declares a kind of actor whose commands are decided in memory, one after another, and committed in groups. Each actor is one
 * process. It is temporary: only the journal, or its rows, bring an actor back.
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

