import type { BasketReply } from '@aisle/contracts';
import type { Activation } from '@aisle/journal';
import { isFailure, type Failure } from '@aisle/std';
import {
  DynamicSupervisor, genServer, noReply, ok, type Context, type From, type Ref,
} from '@aisle/supervision';
import { BasketExpired, BasketMerged, BasketMissing, ProductCrashed } from './basket-failures.ts';
import { planOf, type basketBehaviour, type Outcome, type PlannedCommand, type Priced } from './basket-behaviour.ts';
import type { Basket, Line, Revisions } from './basket.ts';
import { changeReply, documentOf, type ChangeReply } from './change-reply.ts';
import { payloadHashOf, wantedBy, type Command } from './command.ts';
import type { Pricer } from '../pricing/pricer.ts';
import { ProductServer, type ProductRef } from '../pricing/product.actor.ts';

export type BasketActivation =
  typeof basketBehaviour extends { decide(state: infer S, command: infer C): unknown }
    ? Activation<S, C, Parameters<(typeof basketBehaviour)['evolve']>[1], Outcome>
    : never;

/** A basket's messages; answers come after the commit of all that they saw. */
export interface UserBasketProtocol {
  call: {
    change(command: Command): ChangeReply;
    read(pricer: Pricer): BasketReply;
  };
}

export interface UserBasketArguments {
  /** The basket's own id, as its document shows it. */
  readonly id: string;
  readonly activation: BasketActivation;
}

interface State extends UserBasketArguments {
  readonly products: Map<string, ProductRef>;
  readonly productSupervisor: Ref;
  /** The basket as it was last shown under prices newer than its own. */
  view?: { readonly of: Basket; readonly under: Revisions; readonly shown: Basket };
}

/**
 * One basket. It runs one command at a time: its products' processes price the lines that change, the
 * rules decide, the journal takes the event; the next command starts while that commits.
 */
export const UserBasketServer = genServer<UserBasketProtocol, State, UserBasketArguments>({
  name: 'UserBasketServer',
  init(options, ctx) {
    const supervisor = DynamicSupervisor.childSpec({}, { id: 'DynamicProductSupervisor' });
    // A supervisor's own start waits for nothing.
    const productSupervisor = ctx.startLink(supervisor) as Ref;
    return ok({ ...options, products: new Map(), productSupervisor });
  },
  handleCall: {
    async change(state, command, from, ctx) {
      const planned = { ...command, priced: await priceLines(state, command, ctx) };
      if (command.pricer.asks) await prepareTotal(state, planned);
      submit(state, planned, from, ctx);
      // Here, where no line is being priced; should the command be taken back, its products come again.
      dropProducts(state);
      return noReply(state);
    },
    read(state, pricer, from, { self }) {
      show(state, pricer, from, self);
      return noReply(state);
    },
  },
});

function submit(state: State, command: PlannedCommand, from: From<ChangeReply>, ctx: Context): void {
  const { activation } = state;
  // A killed turn may still come here, and then `self` throws: the dead submit nothing.
  const { self } = ctx;
  const submission = { id: command.id, payloadHash: payloadHashOf(command), command };
  activation.submit(submission).then(
    (reply) => {
      from.reply(changeReply(state.id, command, reply));
    },
    (failure: unknown) => {
      if (isFailure(failure) && failure.code === 'basket.exists') show(state, command.pricer, from, self);
      else from.fail(failure);
      if (activation.over) self.exit('shutdown');
    },
  );
}

function show(state: State, pricer: Pricer, from: From<BasketReply>, self: Ref): void {
  const { activation } = state;
  activation.read(readable).then((basket) => shown(state, pricer, basket)).then(
    (document) => from.reply(document),
    (failure: unknown) => {
      from.fail(failure);
      if (activation.over) self.exit('shutdown');
    },
  );
}

function readable(basket: Basket): Basket {
  const { standing } = basket;
  if (standing.is === 'unmade') throw new BasketMissing();
  if (standing.is === 'expired') throw new BasketExpired();
  if (standing.is === 'merged') throw new BasketMerged('missing', standing.into);
  return basket;
}

/** As it is recorded or, when prices are newer, as the next change would find it. What is sealed stands still. */
function shown(state: State, pricer: Pricer, basket: Basket): BasketReply | Promise<BasketReply> {
  if (basket.standing.is !== 'open' || !pricer.isNewerThan(basket)) return documentOf(state.id, pricer, basket);
  return repriced(state, pricer, basket).then((view) => ({ ...documentOf(state.id, pricer, view), restated: true }));
}

/** Kept, because a basket that nobody changes may be read over and over. */
async function repriced(state: State, pricer: Pricer, basket: Basket): Promise<Basket> {
  const { view } = state;
  const { catalogue, rules } = pricer.revisions;
  if (view?.of === basket && view.under.catalogue === catalogue && view.under.rules === rules) return view.shown;
  const shown = await pricer.shown(basket);
  state.view = { of: basket, under: pricer.revisions, shown };
  return shown;
}

/** Every line that the command changes, each priced by its own process, all at once. */
async function priceLines(
  state: State,
  command: Command,
  ctx: Context,
): Promise<ReadonlyMap<string, Priced>> {
  const basket = state.activation.latestState;
  let wanted: ReadonlyMap<string, number>;
  try {
    wanted = wantedBy(basket, command);
  } catch (refusal) {
    // The rules will refuse it again when it is decided, and then the answer waits for what it saw.
    if (isFailure(refusal)) return new Map();
    throw refusal;
  }
  const lines = [...wanted].filter(([, quantity]) => quantity > 0);
  const priced = await Promise.all(
    lines.map(async ([sku, quantity]) => {
      const wanted = { sku, quantity, held: basket.lines.get(sku) };
      return [sku, await priceLine(state, wanted, command.pricer, ctx)] as const;
    }),
  );
  return new Map(priced);
}

/** What scripts say of the basket as a whole. A refusal is for deciding, and comes again there. */
async function prepareTotal({ activation }: State, command: PlannedCommand): Promise<void> {
  const basket = activation.latestState;
  try {
    const { wanted, lines } = planOf(basket, command);
    await command.pricer.prepare(basket, wanted, lines);
  } catch (refusal) {
    if (!isFailure(refusal)) throw refusal;
  }
}

async function priceLine(
  { products, productSupervisor }: State,
  { sku, quantity, held }: { sku: string; quantity: number; held: Line | undefined },
  pricer: Pricer,
  ctx: Context,
): Promise<Priced> {
  try {
    pricer.requireSold(sku, quantity, held);
    if (!products.get(sku)?.alive) {
      const spec = ProductServer.childSpec({ sku, products }, { id: sku });
      await DynamicSupervisor.startChild(productSupervisor, spec);
    }
    const line = await ctx.call(products.get(sku) as ProductRef, 'price', { pricer, quantity, held });
    return { quantity, line };
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    const crashed = thrown.code.startsWith('process.');
    return { failure: crashed ? new ProductCrashed(sku) : (thrown as Failure) };
  }
}

/** A product whose line is gone has nothing left to price. */
function dropProducts({ activation, products, productSupervisor }: State): void {
  const { lines } = activation.latestState;
  if (products.size <= lines.size) return;
  for (const [sku, product] of products) {
    if (lines.has(sku)) continue;
    products.delete(sku);
    // One that has just crashed is gone already.
    DynamicSupervisor.terminateChild(productSupervisor, product).catch(() => undefined);
  }
}
