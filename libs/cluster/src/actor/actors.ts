import type { EnvelopeHeader } from '@aisle/broker';
import { actorKey, type Message, type Protocol } from '@aisle/contracts';
import { ProcessFailure, isAbnormal, type MaybePromise, type ServerExited } from '@aisle/supervision';
import type { ActorHost } from '../hosting/actor-host.ts';
import type { Ask } from './decision.ts';
import type { ActorAddress, Asked, JournaledActor, LiveActor } from './journaled-actor.ts';

/** Answers a message of a protocol, whose body was looked at. Throws, or rejects with, what refuses it. */
export type Route = (body: unknown, envelope: Readonly<EnvelopeHeader>) => MaybePromise<unknown>;

const PATIENT = { timeoutMs: 'infinity' } as const;

/** The actors of a declaration. */
export type ActorsOf<A> = A extends JournaledActor<infer P, infer State, infer Command, infer Event, infer Outcome, infer Own, infer Occasion>
  ? Actors<P, State, Command, Event, Outcome, Own, Occasion> : never;

/** The actors of one kind, wherever on this node they are. */
export class Actors<P extends Protocol, State, Command, Event, Outcome, Own, Occasion> {
  constructor(
    private readonly node: Pick<ActorHost<LiveActor<State, Command, Event, Outcome, Own>>, 'ask'>,
    private readonly actor: JournaledActor<P, State, Command, Event, Outcome, Own, Occasion>,
  ) {}

  /**
   * Asks one actor, in its turn. Throws what it refuses with, its `restarting` while it ends and begins again, and what
   * `ActorHost.ask` throws.
   */
  async ask<Answer>({ shard, key }: ActorAddress, ask: Ask<State, Command, Outcome, Own, Answer>): Promise<Answer> {
    try {
      return (await this.node.ask(shard, key, ({ server }) => server.call('ask', ask, PATIENT))) as Answer;
    } catch (failure) {
      if (ProcessFailure.exited.is(failure)) throw this.exitOf(failure as ServerExited);
      throw failure;
    }
  }

  /** The handlers of the actor by message type: what a process dispatches by. */
  routes(): ReadonlyMap<string, Route> {
    const { protocol, handlers, occasion, addressOf = addressIn } = this.actor;
    const messages = protocol as unknown as Readonly<Record<string, Message>>;
    return new Map(Object.entries(handlers).map(([name, handler]) => {
      const decide = handler as (state: State, asked: Asked<unknown, Occasion>, actor: unknown) => ReturnType<Ask<State, Command, Outcome, Own, unknown>>;
      const route: Route = (body, envelope) => {
        const asked = { body, envelope, occasion: occasion(envelope) };
        return this.ask(addressOf(envelope), (state, actor) => decide(state, asked, actor));
      };
      return [(messages[name] as Message).type, route];
    }));
  }

  // A crash is a bug, and is answered as one; any other end is on the way to a new beginning.
  private exitOf(failure: ServerExited): Error {
    const { noun, restarting } = this.actor;
    return isAbnormal(failure.reason) ? new Error(`the ${noun} crashed`, { cause: failure }) : restarting();
  }
}

function addressIn({ shard, tenant, market, actor }: Readonly<EnvelopeHeader>): ActorAddress {
  return { shard, key: actorKey(tenant, market, actor) };
}
