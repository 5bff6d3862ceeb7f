import type { DocumentReply } from '@aisle/contracts';
import type { Activation } from '@aisle/journal';
import { isFailure, uuidv7, type Failure, type Runtime } from '@aisle/std';
import {
  DynamicSupervisor, genServer, noReply, ok, reply, type Context, type From, type Ref,
} from '@aisle/supervision';
import { BasketExpired, BasketMerged, BasketMissing, ProductCrashed } from './basket-failures.ts';
import { planOf, type basketBehaviour, type Outcome, type PlannedCommand, type Priced } from './basket-behaviour.ts';
import { isShownAlike } from './basket-view.ts';
import { evolve, type Basket, type Choice, type Line } from './basket.ts';
import type { Notice } from './notice.ts';
import { changeReply, documentOf, type ChangeReply } from './change-reply.ts';
import { payloadHashOf, wantedBy, type Command } from './command.ts';
import { noticesBetween } from '../pricing/price-notices.ts';
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
    read(pricer: Pricer): DocumentReply;
    /** Before the basket leaves for another server: what was shown lately of it is recorded. */
    settle(): DocumentReply | undefined;
  };
}

export interface UserBasketArguments {
  /** The basket's own id, as its document shows it. */
  readonly id: string;
  readonly activation: BasketActivation;
  readonly runtime: Runtime;
}

interface State extends UserBasketArguments {
  readonly products: Map<string, ProductRef>;
  readonly productSupervisor: Ref;
  /** The basket was found to cost under these prices what it did before, which no event says. */
  confirmed?: { readonly of: Basket; readonly under: Pricer; shownAtMs: number };
}

/**
 * By so much at most the clocks of two servers differ. After a forced takeover the new owner has waited for longer, so
 * its clock is ahead of all that was shown before.
 */
const CLOCK_SKEW_MS = 2_000;

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
      submit(state, await plan(state, command, ctx), from, ctx);
      // Here, where no line is being priced; should the command be taken back, its products come again.
      dropProducts(state);
      return noReply(state);
    },
    async read(state, pricer, from, ctx) {
      const repriced = await repricing(state, pricer, ctx);
      if (repriced) submit(state, repriced, from, ctx);
      else show(state, pricer, from, ctx.self);
      return noReply(state);
    },
    async settle(state, _request, from, ctx) {
      const { activation: { latestState }, confirmed, runtime } = state;
      const isRecent = confirmed && runtime.clock.nowMs() - confirmed.shownAtMs < CLOCK_SKEW_MS;
      if (!isRecent || confirmed.of !== latestState) return reply(undefined, state);
      submit(state, await plan(state, repriceBy(state, confirmed.under), ctx), from, ctx);
      return noReply(state);
    },
  },
});

function repriceBy({ runtime }: State, pricer: Pricer): Command {
  return { id: uuidv7(runtime), operations: [], opens: false, pricer, step: { kind: 'reprice' } };
}

/** The command at the instant of the basket, with the prices of all lines that it needs. */
async function plan(state: State, command: Command, ctx: Context): Promise<PlannedCommand> {
  const basket = state.activation.latestState;
  const timely = { ...command, pricer: command.pricer.notBefore(instantOf(state, basket)) };
  const priced = await priceLines(state, timely, ctx);
  const isTold = isRepricedBy(command) && basket.standing.is === 'open' && timely.pricer.supersedes(basket);
  const notices = isTold ? await noticesFor(basket, { ...timely, priced }) : [];
  const planned = { ...timely, priced, notices };
  if (timely.pricer.asks) await prepareTotal(state, planned);
  return planned;
}

/**
 * The command that brings the basket to the prices in force, if it is not there: a reader sees what the next change
 * would find, and what was seen is recorded, so that no server shows an earlier price after it.
 */
async function repricing(state: State, pricer: Pricer, ctx: Context): Promise<PlannedCommand | undefined> {
  const basket = state.activation.latestState;
  const timely = pricer.notBefore(instantOf(state, basket));
  if (basket.standing.is !== 'open' || basket.lines.size === 0 || isConfirmed(state, basket, timely)) return undefined;
  const isOutdated = timely.supersedes(basket);
  if (!isOutdated && (!basket.degraded || timely.isBehind(basket))) return undefined;
  const planned = await plan(state, repriceBy(state, timely), ctx);
  if (changesWhatIsShown(basket, planned)) return planned;
  if (isOutdated) state.confirmed = { of: basket, under: timely, shownAtMs: timely.nowMs };
  return undefined;
}

/** The latest instant of which the basket was shown: none before it follows. */
function instantOf({ confirmed }: State, basket: Basket): number {
  return confirmed?.of === basket ? Math.max(basket.updatedAtMs, confirmed.shownAtMs) : basket.updatedAtMs;
}

function changesWhatIsShown(basket: Basket, planned: PlannedCommand): boolean {
  const { wanted, lines } = planOf(basket, planned);
  const change = planned.pricer.change(basket, wanted, lines);
  return !isShownAlike(basket, evolve(basket, { type: 'repriced', change }));
}

/** Whether the command's event has a price for every line of the basket that goes on. */
function isRepricedBy({ opens, step }: Command): boolean {
  return !opens && (step === undefined || step.kind === 'reprice' || step.kind === 'absorb' || step.kind === 'restore');
}

function isConfirmed({ confirmed }: State, basket: Basket, { revisions, nowMs }: Pricer): boolean {
  if (confirmed?.of !== basket) return false;
  const { revisions: { catalogue, rules }, period } = confirmed.under;
  if (nowMs >= period.untilMs || catalogue !== revisions.catalogue || rules !== revisions.rules) return false;
  confirmed.shownAtMs = Math.max(confirmed.shownAtMs, nowMs);
  return true;
}

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
      if (isFailure(failure) && failure.code === 'basket.exists') readAgain(self, command, from);
      else from.fail(failure);
      if (activation.over) self.exit('shutdown');
    },
  );
}

/** Opening a basket that is there shows it, in its turn. */
function readAgain(self: Ref<UserBasketProtocol>, { pricer }: Command, from: From<ChangeReply>): void {
  self.call('read', pricer, { timeoutMs: 'infinity' }).then(
    (document) => from.reply(document),
    (failure: unknown) => from.fail(failure),
  );
}

function show(state: State, pricer: Pricer, from: From<DocumentReply>, self: Ref): void {
  const { activation } = state;
  activation.read(readable).then(
    (basket) => from.reply(documentOf(state.id, pricer, basket)),
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

/** Differences between the basket as it is recorded and the same quantities under the prices in force. */
async function noticesFor(basket: Basket, { pricer, priced }: PlannedCommand): Promise<readonly Notice[]> {
  const before = [...basket.lines.values()];
  const lines = await Promise.all(before.map(async (held) => {
    const { sku, quantity } = held;
    const known = priced.get(sku);
    return known && 'line' in known && known.choice.quantity === quantity ? known.line : pricer.line(sku, held, held);
  }));
  const { adjustments } = await pricer.basketOf(lines);
  return noticesBetween({ adjustments: basket.adjustments, lines: before }, { adjustments, lines });
}

/** Every line that the command changes, each priced by its own process, all at once. */
async function priceLines(
  state: State,
  command: Command,
  ctx: Context,
): Promise<ReadonlyMap<string, Priced>> {
  const basket = state.activation.latestState;
  let wanted: ReadonlyMap<string, Choice>;
  try {
    wanted = wantedBy(basket, command);
  } catch (refusal) {
    // The rules will refuse it again when it is decided, and then the answer waits for what it saw.
    if (isFailure(refusal)) return new Map();
    throw refusal;
  }
  const { pricer, step } = command;
  const lines = [...wanted].filter(([, { quantity }]) => quantity > 0);
  const priced = await Promise.all(
    lines.map(async ([sku, choice]) => {
      const held = basket.lines.get(sku);
      // To look at a basket starts no process for any of its products.
      if (step?.kind === 'reprice') return [sku, { choice, line: await pricer.line(sku, choice, held) }] as const;
      return [sku, await priceLine(state, { sku, choice, held }, pricer, ctx)] as const;
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
  { sku, choice, held }: { sku: string; choice: Choice; held: Line | undefined },
  pricer: Pricer,
  ctx: Context,
): Promise<Priced> {
  try {
    pricer.requireSold(sku, choice.quantity, held);
    if (!products.get(sku)?.alive) {
      const spec = ProductServer.childSpec({ sku, products }, { id: sku });
      await DynamicSupervisor.startChild(productSupervisor, spec);
    }
    const line = await ctx.call(products.get(sku) as ProductRef, 'price', { pricer, choice, held });
    return { choice, line };
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
