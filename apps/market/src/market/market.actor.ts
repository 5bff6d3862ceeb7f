import type { Activation, Reply } from '@aisle/journal';
import { isFailure } from '@aisle/std';
import { genServer, noReply, ok, stop, type From, type Ref } from '@aisle/supervision';
import type { Known, Command } from './command.ts';
import { orderIdOf, payloadHashOf } from './command.ts';
import type { Outcome } from './market-behaviour.ts';
import type { MarketEvent } from './market-event.ts';
import type { Market } from './market.ts';
import { wantsLookUp } from '../stock/stock-commands.ts';

export type MarketActivation = Activation<Market, Command, MarketEvent, Outcome>;

/** What a market answers to a command, once it is committed. */
export type Answer = Pick<Reply<Market, Outcome>, 'outcome' | 'replayed'>;

/** A market's messages; answers come after the commit of all that they saw. */
export interface MarketProtocol {
  call: {
    run(command: Command): Answer;
    read(look: (market: Market) => unknown): unknown;
  };
  continue: 'load';
}

/** What a market in memory is made of. */
export interface MarketArguments {
  readonly load: () => Promise<MarketActivation>;
  /** What the rows say of an order that is not in memory. */
  readonly lookUp: (orderId: string) => Promise<Known>;
}

interface State extends MarketArguments {
  /** There from the first message on. */
  readonly activation: MarketActivation | undefined;
}

/**
 * One market. Whoever starts it waits for nothing: it loads itself, and what is asked meanwhile waits in its mailbox. Commands are
 * decided one after another and commit in groups.
 */
export const MarketServer = genServer<MarketProtocol, State, MarketArguments>({
  name: 'MarketServer',
  init: (options) => ok({ ...options, activation: undefined }, { continue: 'load' }),
  async handleContinue(state) {
    try {
      return noReply({ ...state, activation: await state.load() });
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      // PostgreSQL is away, or the shard is gone: whoever waits is told to come again.
      return stop<State>('shutdown');
    }
  },
  handleCall: {
    run(state, command, from, { self }) {
      const activation = activationOf(state);
      const orderId = orderIdOf(command.action);
      if (orderId === undefined || !wantsLookUp(activation.latestState, orderId)) {
        submit(activation, command, from, self);
      } else {
        state.lookUp(orderId).then(
          (known) => {
            // It may have ended meanwhile: the dead submit nothing, and who asked has been told.
            if (self.alive) submit(activation, { ...command, known }, from, self);
          },
          (failure: unknown) => from.fail(failure),
        );
      }
      return noReply(state);
    },
    read(state, look, from, { self }) {
      const activation = activationOf(state);
      activation.read(look).then((seen) => from.reply(seen), failing(activation, from, self));
      return noReply(state);
    },
  },
});

function submit(activation: MarketActivation, command: Command, from: From<Answer>, self: Ref): void {
  const { id, action } = command;
  activation.submit({ id, payloadHash: payloadHashOf(action), command }).then(
    ({ outcome, replayed }) => from.reply({ outcome, replayed }),
    failing(activation, from, self),
  );
}

// By its ref, since the context of a process that has ended throws.
function failing<T>(activation: MarketActivation, from: From<T>, self: Ref): (failure: unknown) => void {
  return (failure) => {
    from.fail(failure);
    if (activation.over) self.exit('shutdown');
  };
}

function activationOf({ activation }: State): MarketActivation {
  return activation as MarketActivation;
}
