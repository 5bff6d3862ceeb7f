import type { Activation } from '@aisle/journal';
import { isFailure, type Failure } from '@aisle/std';
import { genServer, noReply, ok, reply, type Context, type From, type GenServer, type MaybePromise, type Outcome as Turn, type Ref } from '@aisle/supervision';
import type { ActorContext, Ask, Decision } from './decision.ts';

/** The messages of an actor's process. Each answer leaves after the commit of every event that it depends on. */
export interface ActorMessages<State, Command, Outcome, Own> {
  call: {
    ask(ask: Ask<State, Command, Outcome, Own, unknown>): unknown;
    settle(): unknown;
  };
}

interface ServerOptions<State, Command, Outcome, Own> {
  readonly name: string;
  readonly begin: (process: Context) => Own;
  readonly decided?: (actor: ActorContext<State, Own>) => void;
  readonly settle?: (state: State, actor: ActorContext<State, Own>) => MaybePromise<Decision<State, Command, Outcome, Own, unknown> | undefined>;
}

interface ServerArguments<State, Command, Event, Outcome> {
  readonly key: string;
  readonly activation: Activation<State, Command, Event, Outcome>;
}

/** The actor of one process. */
class RunningActor<State, Command, Event, Outcome, Own> implements ActorContext<State, Own> {
  readonly key: string;
  readonly activation: Activation<State, Command, Event, Outcome>;
  readonly own: Own;

  constructor({ key, activation }: ServerArguments<State, Command, Event, Outcome>, readonly process: Context, begin: (process: Context) => Own) {
    this.key = key;
    this.activation = activation;
    this.own = begin(process);
  }

  get latest(): State {
    return this.activation.latestState;
  }
}

const PATIENT = { timeoutMs: 'infinity' } as const;

/** Declares the process of an actor. It handles one message at a time, and handles the next while the last one commits. */
export function actorServer<State, Command, Event, Outcome, Own>(
  { name, begin, decided, settle }: ServerOptions<State, Command, Outcome, Own>,
): GenServer<ActorMessages<State, Command, Outcome, Own>, RunningActor<State, Command, Event, Outcome, Own>, ServerArguments<State, Command, Event, Outcome>> {
  type Actor = RunningActor<State, Command, Event, Outcome, Own>;
  type Decided = Decision<State, Command, Outcome, Own, unknown>;
  type Self = Ref<ActorMessages<State, Command, Outcome, Own>>;

  function follow(actor: Actor, decision: Exclude<Decided, { kind: 'later' }>, from: From, self: Self): void {
    const { activation } = actor;
    const fail = (failure: unknown): void => {
      from.fail(failure);
      if (activation.over) self.exit('shutdown');
    };
    switch (decision.kind) {
      case 'commit': {
        const { submission, answer, instead } = decision;
        activation.submit(submission).then((committed) => void from.reply(answer(committed)), (failure: unknown) => {
          const other = isFailure(failure) ? instead?.(failure as Failure) : undefined;
          if (!other) return fail(failure);
          self.call('ask', other, PATIENT).then((value) => from.reply(value), (refusal: unknown) => from.fail(refusal));
        });
        decided?.(actor);
        return;
      }
      case 'look':
        activation.read(decision.look).then((seen) => void from.reply(seen), fail);
    }
  }

  function take(actor: Actor, decision: Decided, from: From): Turn<never, Actor> {
    // A turn of a killed process may still arrive here. Then `self` throws, so that nothing is submitted.
    const self = actor.process.self as Self;
    if (decision.kind !== 'later') {
      follow(actor, decision, from, self);
      return noReply(actor);
    }
    decision.decision.then(
      (ready) => {
        // The process may have ended meanwhile; its callers have got a failure.
        if (self.alive) take(actor, ready, from);
      },
      (failure: unknown) => from.fail(failure),
    );
    return noReply(actor);
  }

  return genServer({
    name,
    init: (options: ServerArguments<State, Command, Event, Outcome>, process) => ok(new RunningActor<State, Command, Event, Outcome, Own>(options, process, begin)),
    handleCall: {
      ask(actor, ask, from) {
        const decision = ask(actor.latest, actor);
        return decision instanceof Promise ? decision.then((ready) => take(actor, ready, from)) : take(actor, decision as Decided, from);
      },
      async settle(actor, _request, from) {
        const decision = await settle?.(actor.latest, actor);
        return decision ? take(actor, decision, from) : reply(undefined, actor);
      },
    },
  });
}
