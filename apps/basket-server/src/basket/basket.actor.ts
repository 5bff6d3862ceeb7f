import { commit, journaledActor, look, type ActorContext, type Decision, type JournaledActor, type LiveActor } from '@aisle/cluster';
import { BasketProtocol, type BasketOpening, type Choice, type DocumentReply } from '@aisle/contracts';
import { isFailure, uuidv7, type Failure, type Runtime } from '@aisle/std';
import { DynamicSupervisor, type Ref } from '@aisle/supervision';
import { BasketFailure, ProductFailure } from './basket-failures.ts';
import { basketBehaviour, planOf, requireOpening, type BasketOutcome, type PlannedCommand, type PricedChoice } from './basket-behaviour.ts';
import { isShownAlike } from './basket-view.ts';
import { evolve, type Basket, type Line } from './basket.ts';
import { namedOperations } from './named-products.ts';
import type { Notice } from './notice.ts';
import { changeReply, documentOf, type ChangeReply } from './change-reply.ts';
import { payloadHashOf, wantedBy, type Command } from './command.ts';
import type { StoredEvent } from './stored-event.ts';
import { paced } from '../pricing/paced-lines.ts';
import { noticesBetween } from '../pricing/price-notices.ts';
import type { Pricer } from '../pricing/pricer.ts';
import type { Prices } from '../pricing/prices.ts';
import { ProductServer, type ProductRef } from '../pricing/product.actor.ts';

/** The parts of a basket in memory beside its state. */
export interface BasketParts {
  readonly products: Map<string, ProductRef>;
  readonly productSupervisor: Ref;
  readonly runtime: Runtime;
  /** A read found the total unchanged by newer prices. No event records this. */
  confirmed?: { readonly of: Basket; readonly under: Pricer; shownAtMs: number };
}

export type BasketActor = JournaledActor<typeof BasketProtocol, Basket, PlannedCommand, StoredEvent, BasketOutcome, BasketParts, Pricer>;
export type LiveBasket = LiveActor<Basket, PlannedCommand, StoredEvent, BasketOutcome, BasketParts>;
type Context = ActorContext<Basket, BasketParts>;
type Decided<Answer> = Decision<Basket, PlannedCommand, BasketOutcome, BasketParts, Answer>;

/**
 * The largest expected difference between the clocks of two servers. A forced takeover waits longer than this, so the
 * clock of the new owner is ahead of every price that the old one showed.
 */
const CLOCK_SKEW_MS = 2_000;
// Measured: a basket with its process and its supervisor, and each line with its product's process.
const BASKET_BYTES = 2_000;
const LINE_BYTES = 1_200;
const COMMAND_BYTES = 450;

/**
 * Declares the basket actor. It runs one command at a time: the products' processes price the changed lines, the rules
 * decide, and the event joins the journal's queue. The next command starts while that one commits.
 */
export function basketActor({ prices, runtime }: { readonly prices: Pick<Prices, 'at'>; readonly runtime: Runtime }): BasketActor {
  return journaledActor({
    name: 'UserBasketServer',
    noun: 'basket',
    protocol: BasketProtocol,
    behaviour: basketBehaviour,
    // A basket's canary key is its id.
    occasion: (envelope) => prices.at(envelope, envelope.actor),
    handlers: {
      open: (basket, { body: { ifMatch, ifNoneMatch, opening }, envelope: { id, by }, occasion: pricer }, actor) =>
        change(basket, { id, by, operations: [], opens: true, ifMatch, ifNoneMatch, opening, pricer }, actor),
      read: (basket, { occasion: pricer }, actor) => read(basket, pricer, actor),
      opening: () => look(openingOf),
      visit(basket, { body, occasion: pricer }, actor) {
        requireOpening(basket, body);
        return read(basket, pricer, actor);
      },
      change: (basket, { body: { ifMatch, ifNoneMatch, opening, minimal, operations }, envelope: { id, by }, occasion: pricer }, actor) =>
        change(basket, { id, by, ...namedOperations(operations, pricer), ifMatch, ifNoneMatch, opening, minimal, opens: false, pricer }, actor),
      absorb: (basket, { body: { ifMatch, ifNoneMatch, ...lines }, envelope: { id, by }, occasion: pricer }, actor) =>
        change(basket, { id, by, operations: [], opens: false, ifMatch, ifNoneMatch, pricer, step: { kind: 'absorb', ...lines } }, actor),
      restore: (basket, { body, envelope: { id, by }, occasion: pricer }, actor) =>
        change(basket, { id, by, operations: [], opens: false, pricer, step: { kind: 'restore', ...body } }, actor),
    },
    begin(process) {
      const supervisor = DynamicSupervisor.childSpec({}, { id: 'DynamicProductSupervisor' });
      // A supervisor's own start waits for nothing.
      return { products: new Map(), productSupervisor: process.startLink(supervisor) as Ref, runtime };
    },
    decided: dropProducts,
    settle,
    bytesOf: ({ lines }, commands) => BASKET_BYTES + lines.size * LINE_BYTES + commands * COMMAND_BYTES,
    restarting: () => BasketFailure.restarting(),
    runAgain: ['basket.plan_outdated'],
  });
}

/** Decides a command, which takes effect once, however often it is sent. Throws the refusals of the rules. */
export async function change(basket: Basket, command: Command, actor: Context): Promise<Decided<ChangeReply>> {
  return submission(await plan(basket, command, actor), actor);
}

/** Shows the basket, repriced first if its prices are no longer in force. */
export async function read(basket: Basket, pricer: Pricer, actor: Context): Promise<Decided<DocumentReply>> {
  const repriced = await repricing(basket, pricer, actor);
  return repriced ? submission(repriced, actor) : look((committed) => documentOf(idOf(actor), pricer, readable(committed)));
}

/** Records prices that were shown lately, before the basket moves to another server, so that time does not go back there. */
async function settle(basket: Basket, actor: Context): Promise<Decided<ChangeReply> | undefined> {
  const { confirmed, runtime } = actor.own;
  const isRecent = confirmed && runtime.clock.nowMs() - confirmed.shownAtMs < CLOCK_SKEW_MS;
  if (!isRecent || confirmed.of !== basket) return undefined;
  return change(basket, repriceBy(actor, confirmed.under), actor);
}

function submission(command: PlannedCommand, actor: Context): Decided<ChangeReply> {
  return commit(
    { id: command.id, payloadHash: payloadHashOf(command), command },
    (reply) => changeReply(idOf(actor), command, reply),
    // An `open` of an existing basket is answered like a read, in a turn of its own.
    ({ code }) => (code === BasketFailure.exists.code ? (basket, self) => read(basket, command.pricer, self) : undefined),
  );
}

/** The basket's id in its document: the last part of the actor's key. */
function idOf({ key }: Context): string {
  return decodeURIComponent(key.slice(key.lastIndexOf('/') + 1));
}

function repriceBy({ own: { runtime } }: Context, pricer: Pricer): Command {
  return { id: uuidv7(runtime), operations: [], opens: false, pricer, step: { kind: 'reprice' } };
}

/** Moves the command to the basket's instant if that is later, and prices all lines that it needs. */
async function plan(basket: Basket, command: Command, actor: Context): Promise<PlannedCommand> {
  const timely = { ...command, pricer: command.pricer.notBefore(instantOf(actor, basket)) };
  const priced = await priceLines(basket, timely, actor);
  const hasNotices = isRepricedBy(command) && basket.standing.is === 'open' && timely.pricer.supersedes(basket);
  const notices = hasNotices ? await noticesFor(basket, { ...timely, priced }, actor.own.runtime) : [];
  const planned = { ...timely, priced, notices };
  if (timely.pricer.asks) await prepareTotal(basket, planned);
  return planned;
}

/**
 * The command that reprices the basket, if its document would change. A reader sees the prices that the next change
 * would use. They are recorded before they are shown, so that no server shows an earlier price afterwards.
 */
async function repricing(basket: Basket, pricer: Pricer, actor: Context): Promise<PlannedCommand | undefined> {
  const timely = pricer.notBefore(instantOf(actor, basket));
  if (basket.standing.is !== 'open' || basket.lines.size === 0 || isConfirmed(actor, basket, timely)) return undefined;
  const isOutdated = timely.supersedes(basket);
  if (!isOutdated && (!basket.degraded || timely.isBehind(basket))) return undefined;
  const planned = await plan(basket, repriceBy(actor, timely), actor);
  if (changesWhatIsShown(basket, planned)) return planned;
  if (isOutdated) actor.own.confirmed = { of: basket, under: timely, shownAtMs: timely.nowMs };
  return undefined;
}

/** The latest instant whose prices were shown or recorded. No later command uses an earlier instant. */
function instantOf({ own: { confirmed } }: Context, basket: Basket): number {
  return confirmed?.of === basket ? Math.max(basket.updatedAtMs, confirmed.shownAtMs) : basket.updatedAtMs;
}

function changesWhatIsShown(basket: Basket, planned: PlannedCommand): boolean {
  const { wanted, lines } = planOf(basket, planned);
  const change = planned.pricer.change(basket, wanted, lines);
  return !isShownAlike(basket, evolve(basket, { type: 'repriced', change }));
}

/** Whether the command's event prices every line that stays in the basket. */
function isRepricedBy({ opens, step }: Command): boolean {
  return !opens && (step === undefined || step.kind === 'reprice' || step.kind === 'absorb' || step.kind === 'restore');
}

function isConfirmed({ own: { confirmed } }: Context, basket: Basket, { revisions, nowMs }: Pricer): boolean {
  if (confirmed?.of !== basket) return false;
  const { revisions: { catalogue, rules }, period } = confirmed.under;
  if (nowMs >= period.untilMs || catalogue !== revisions.catalogue || rules !== revisions.rules) return false;
  confirmed.shownAtMs = Math.max(confirmed.shownAtMs, nowMs);
  return true;
}

/** Throws `BasketFailure.mergedAway`. */
function openingOf({ standing, opening }: Basket): BasketOpening {
  if (standing.is === 'merged') throw BasketFailure.mergedAway(standing.into);
  return { opening };
}

function readable(basket: Basket): Basket {
  const { standing } = basket;
  if (standing.is === 'unmade') throw BasketFailure.missing();
  if (standing.is === 'expired') throw BasketFailure.expired();
  if (standing.is === 'merged') throw BasketFailure.mergedAway(standing.into);
  return basket;
}

/** Notices of the differences between the recorded basket and the same quantities at the prices in force. */
async function noticesFor(basket: Basket, { pricer, priced }: PlannedCommand, runtime: Runtime): Promise<readonly Notice[]> {
  const before = [...basket.lines.values()];
  const lines = await paced(before, runtime, async (held) => {
    const { sku, quantity } = held;
    const known = priced.get(sku);
    return known && 'line' in known && known.choice.quantity === quantity ? known.line : pricer.line(sku, held, held);
  });
  const { adjustments } = await pricer.basketOf(lines);
  return noticesBetween({ adjustments: basket.adjustments, lines: before }, { adjustments, lines });
}

/**
 * Prices every line that the command changes, each in its own process. Large commands run in slices, and serve other baskets
 * in between.
 */
async function priceLines(basket: Basket, command: Command, actor: Context): Promise<ReadonlyMap<string, PricedChoice>> {
  let wanted: ReadonlyMap<string, Choice>;
  try {
    wanted = wantedBy(basket, command);
  } catch (refusal) {
    // The decision refuses the command again. That answer waits for the commits that the refusal depends on.
    if (isFailure(refusal)) return new Map();
    throw refusal;
  }
  const { pricer, step } = command;
  const lines = [...wanted].filter(([, { quantity }]) => quantity > 0);
  const priced = await paced(lines, actor.own.runtime, async ([sku, choice]): Promise<readonly [string, PricedChoice]> => {
    const held = basket.lines.get(sku);
    // A read starts no processes for products.
    if (step?.kind === 'reprice') return [sku, { choice, line: await pricer.line(sku, choice, held) }];
    return [sku, await priceLine({ sku, choice, held }, pricer, actor)];
  });
  return new Map(priced);
}

/** Asks the scripts for the basket's total. A refusal is ignored here, since the decision repeats it. */
async function prepareTotal(basket: Basket, command: PlannedCommand): Promise<void> {
  try {
    const { wanted, lines } = planOf(basket, command);
    await command.pricer.prepare(basket, wanted, lines);
  } catch (refusal) {
    if (!isFailure(refusal)) throw refusal;
  }
}

async function priceLine(
  { sku, choice, held }: { sku: string; choice: Choice; held: Line | undefined },
  pricer: Pricer,
  { own: { products, productSupervisor }, process }: Context,
): Promise<PricedChoice> {
  try {
    pricer.requireSold(sku, choice.quantity, held);
    if (!products.get(sku)?.alive) {
      const spec = ProductServer.childSpec({ sku, products }, { id: sku });
      await DynamicSupervisor.startChild(productSupervisor, spec);
    }
    const line = await process.call(products.get(sku) as ProductRef, 'price', { pricer, choice, held });
    return { choice, line };
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    const crashed = thrown.code.startsWith('process.');
    return { failure: crashed ? ProductFailure.crashed(sku) : (thrown as Failure) };
  }
}

/** Stops the processes of products whose lines were removed. */
function dropProducts({ latest: { lines }, own: { products, productSupervisor } }: Context): void {
  if (products.size <= lines.size) return;
  for (const [sku, product] of products) {
    if (lines.has(sku)) continue;
    products.delete(sku);
    // A process that has just crashed is not found; that is fine.
    DynamicSupervisor.terminateChild(productSupervisor, product).catch(() => undefined);
  }
}
