// The stored form of a basket's events: positional arrays, since field names would be most of the bytes of an add.
// The first element is the layout, so that events of every older version stay readable. Layout 1 is a change; layout 2 is
// any other event. Fields that were added later stand at the end of an array, and are omitted if they are empty. The last field of an
// event is the name of the principal whose command it was.
import { choiceOf, extrasOf, type Extras, type Unit } from '@aisle/contracts';
import { money, type AppliedAdjustment, type SkippedRule } from '@aisle/pricing';
import type { BasketChanged, BasketCheckedOut, BasketEvent } from './basket-event.ts';
import {
  emptyBasket, evolve, type Basket, type Line, type Merge, type CheckoutOrder, type Standing,
} from './basket.ts';
import type { BasketTaxes } from './basket-parts.ts';
import type { Notice, OrderNotice } from './notice.ts';

const CHANGE = 1;
const OTHER = 2;

/** The shape in which snapshots are written. */
export const SCHEMA_VERSION = 4;

type StoredAdjustment = [code: string, amountMinor: number, units: number | null, message: string, rule: StoredRule];
type StoredSkipped = [
  code: string,
  reason: string,
  unitsNeeded: number | null,
  strategy: string,
  version: string,
];
type StoredRule = [strategy: string, version: string, sha256: string];
type StoredLine = [
  sku: string,
  name: string,
  category: string | null,
  quantity: number,
  unitPriceMinor: number,
  netMinor: number,
  degraded: boolean,
  adjustments: StoredAdjustment[],
  skipped: StoredSkipped[],
  unavailable?: true | null,
  extras?: Extras | null,
  /** Facts of products by measure. */
  measured?: StoredMeasure | null,
  taxCategory?: string,
];
/** The gross was rounded by the market's mode of the time, so it is kept. */
type StoredMeasure = [code: Unit['code'], scale: number, grossMinor: number];
type StoredNotice =
  | [sku: string, fromMinor: number, toMinor: number]
  | [strategy: string, fromMinor: number, toMinor: number, message: string]
  | Omit<OrderNotice, 'code'>;

type StoredChange = [
  layout: typeof CHANGE,
  atMs: number,
  catalogue: number,
  rules: number,
  totalMinor: number,
  lines: StoredLine[],
  removed: string[],
  adjustments: StoredAdjustment[],
  skipped: StoredSkipped[],
  notices?: StoredNotice[],
  degraded?: true | null,
  taxes?: StoredTaxes,
];
/** The taxed lines are in the order of the basket's lines after the change; each names its category and rate by their place in the list. */
type StoredTaxes = [pricesInclude: 0 | 1, rates: [category: string, rate: string][], lines: (StoredTaxedLine | 0)[]];
type StoredTaxedLine = [rate: number, netMinor: number, taxMinor: number];
type StoredAbsorbed = [
  layout: typeof OTHER, type: 'absorbed', mergeId: string, from: string, change: StoredChange,
];
type StoredRepriced = [layout: typeof OTHER, type: 'repriced', change: StoredChange];
type StoredRestored = [layout: typeof OTHER, type: 'restored', orderId: string, change: StoredChange];
type StoredCheckout = [
  layout: typeof OTHER, type: 'checkedOut', orderId: string, change: StoredChange, sharesMinor?: readonly number[], opening?: number | null,
];
type StoredLineless = [
  layout: typeof OTHER,
  type: Exclude<BasketEvent['type'], 'changed' | 'repriced' | 'absorbed' | 'restored' | 'checkedOut'>,
  atMs: number,
  totalMinor: number,
  detail?: Merge | string,
];

/** A JSON value. */
export type StoredEvent =
  | StoredChange | StoredRepriced | StoredAbsorbed | StoredRestored | StoredCheckout | StoredLineless;

/** A JSON value: a change that makes the basket from an empty one, and the state that such a change does not contain. */
type SavedBasket = [
  version: number, basket: StoredChange, standing?: SavedStanding, absorbed?: readonly string[], instants?: SavedInstants,
];
type SavedInstants = readonly [pricedAtMs: number, noticesAreNew: boolean, opening?: number];
type SavedStanding =
  | Exclude<Standing, { is: 'open' }>
  | { readonly is: 'open'; readonly order?: SavedOrder };
type SavedOrder = readonly [
  orderId: string, totalMinor: number, atMs: number, lines: readonly StoredLine[],
  adjustments?: readonly StoredAdjustment[], sharesMinor?: readonly number[], rules?: number, degraded?: true | null, taxes?: StoredTaxes | null, opening?: number,
];

/** The place of the principal's name, behind all other fields, by layout. */
const BY_AT = { [CHANGE]: 12, [OTHER]: 6 } as const;

/** An event with the name of the principal whose command it was; empty for the system's own. */
export function storedEvent(event: BasketEvent, by = ''): StoredEvent {
  const stored = storedFields(event);
  if (by === '') return stored;
  const named: unknown[] = stored;
  // An older process takes only an array for notices.
  if (stored[0] === CHANGE && named.length === 9) named.push([]);
  while (named.length < BY_AT[stored[0]]) named.push(null);
  named.push(by);
  return stored;
}

/** The name of the principal whose command an event was; empty for the system's own, and for events that were stored without it. */
export function principalIn(stored: StoredEvent): string {
  return (stored as readonly unknown[])[BY_AT[stored[0]]] as string | undefined ?? '';
}

function storedFields(event: BasketEvent): StoredEvent {
  switch (event.type) {
    case 'changed':
      return storedChange(event);
    case 'repriced':
      return [OTHER, event.type, storedChange(event.change)];
    case 'absorbed':
      return [OTHER, 'absorbed', event.mergeId, event.from, storedChange(event.change)];
    case 'restored':
      return [OTHER, event.type, event.orderId, storedChange(event.change)];
    case 'checkedOut':
      return event.opening
        ? [OTHER, event.type, event.orderId, storedChange(event.change), event.sharesMinor, event.opening]
        : [OTHER, event.type, event.orderId, storedChange(event.change), event.sharesMinor];
    case 'sealed':
      return [OTHER, event.type, event.atMs, event.totalMinor, event.merge];
    case 'expired':
      return [OTHER, event.type, event.atMs, event.totalMinor];
    case 'merged':
    case 'unsealed':
    case 'declined':
      return [OTHER, event.type, event.atMs, event.totalMinor, event.other];
  }
}

const CHANGE_ROW = Buffer.from(`[[${CHANGE},`);

/** Whether a row is a change, as nearly all rows are. Only the first bytes are read. */
export function isChange({ events }: { readonly events: Uint8Array }): boolean {
  return CHANGE_ROW.every((byte, at) => events[at] === byte);
}

/** The type of an event, without decoding all of it. */
export function typeOf(stored: StoredEvent): BasketEvent['type'] {
  return stored[0] === CHANGE ? 'changed' : stored[1];
}

/** Decodes an event of any layout up to the present one. Throws for a newer layout. */
export function eventOf(stored: StoredEvent): BasketEvent {
  switch (stored[0]) {
    case CHANGE:
      return changeOf(stored);
    case OTHER:
      return otherEventOf(stored);
    default:
      throw new Error(`a basket event has layout ${String(stored[0])}; this version reads layouts 1 and 2`);
  }
}

/** A snapshot of schema version 4. Most baskets need only the fields of version 1. */
export function savedBasket(basket: Basket): SavedBasket {
  const { version, opening, standing, absorbed, pricedAtMs, noticesAreNew, updatedAtMs } = basket;
  const lines = [...basket.lines.values()];
  const change = storedChange({ ...basket, lines, removed: [], atMs: updatedAtMs });
  const says = [
    standing.is !== 'open' || standing.order !== undefined, absorbed.length > 0,
    pricedAtMs !== updatedAtMs || noticesAreNew || opening > 0,
  ];
  if (says[2]) return [version, change, savedStanding(standing), absorbed, opening > 0 ? [pricedAtMs, noticesAreNew, opening] : [pricedAtMs, noticesAreNew]];
  return says[0] || says[1] ? [version, change, savedStanding(standing), absorbed] : [version, change];
}

/** Decodes a snapshot of any schema version up to 4; each version only added fields. Throws for a newer version. */
export function basketOf(saved: unknown, schemaVersion: number): Basket {
  if (schemaVersion > SCHEMA_VERSION) throw new Error(`a basket has schema version ${schemaVersion}; this version reads up to ${SCHEMA_VERSION}`);
  const [version, change, standing, absorbed = [], instants] = saved as SavedBasket;
  const basket = evolve(emptyBasket, changeOf(change));
  const [pricedAtMs, noticesAreNew, opening = 0] = instants ?? [basket.pricedAtMs, false];
  return { ...basket, version, opening, absorbed, pricedAtMs, noticesAreNew, ...(standing ? { standing: standingOf(standing) } : {}) };
}

function savedStanding(standing: Standing): SavedStanding {
  if (standing.is !== 'open') return standing;
  if (!standing.order) return { is: 'open' };
  const { orderId, opening, totalMinor, atMs, lines, adjustments, sharesMinor, rules, degraded, taxes } = standing.order;
  const charged = [adjustments.map(storedAdjustment), sharesMinor, rules] as const;
  const order = [orderId, totalMinor, atMs, lines.map(storedLine), ...charged] as const;
  if (opening) return { is: 'open', order: [...order, degraded || null, taxes ? storedTaxes(taxes) : null, opening] };
  if (taxes) return { is: 'open', order: [...order, degraded || null, storedTaxes(taxes)] };
  return { is: 'open', order: degraded ? [...order, true] : order };
}

function standingOf(saved: SavedStanding): Standing {
  if (saved.is !== 'open') return saved;
  if (!saved.order) return { is: 'open' };
  const [orderId, totalMinor, atMs, storedLines, adjustments = [], sharesMinor, rules = 0, degraded, taxes, opening = 0] = saved.order;
  const lines = storedLines.map(lineOf);
  const order: CheckoutOrder = {
    orderId, opening, totalMinor, atMs, lines, adjustments: adjustments.map(adjustmentOf),
    sharesMinor: sharesMinor ?? sharesBefore(lines, totalMinor), rules, degraded: degraded === true,
    ...(taxes ? { taxes: taxesOf(taxes) } : {}),
  };
  return { is: 'open', order };
}

/** The lines' shares in an order that was stored before shares were recorded. */
function sharesBefore(lines: readonly Line[], totalMinor: number): readonly number[] {
  const nets = lines.map(({ netMinor }) => netMinor);
  return money.allocate(totalMinor - nets.reduce((sum, net) => sum + net, 0), nets);
}

function otherEventOf(stored: Exclude<StoredEvent, StoredChange>): BasketEvent {
  switch (stored[1]) {
    case 'repriced':
      return { type: stored[1], change: changeOf(stored[2]) };
    case 'restored': {
      const [, type, orderId, change] = stored;
      return { type, orderId, change: changeOf(change) };
    }
    case 'absorbed': {
      const [, type, mergeId, from, change] = stored;
      return { type, mergeId, from, change: changeOf(change) };
    }
    case 'checkedOut':
      return checkoutOf(stored);
    case 'sealed': {
      const [, type, atMs, totalMinor, detail] = stored;
      return { type, atMs, totalMinor, merge: detail as Merge };
    }
    case 'expired': {
      const [, type, atMs, totalMinor] = stored;
      return { type, atMs, totalMinor };
    }
    case 'merged':
    case 'unsealed':
    case 'declined': {
      const [, type, atMs, totalMinor, detail] = stored;
      return { type, atMs, totalMinor, other: detail as string };
    }
    default:
      throw new Error(`a basket event has the unknown type ${String(stored[1])}; a newer version may have written it`);
  }
}

function checkoutOf([, type, orderId, storedChange, shares, opening]: StoredCheckout): BasketCheckedOut {
  const change = changeOf(storedChange);
  return { type, orderId, change, sharesMinor: shares ?? sharesBefore(change.lines, change.totalMinor), opening: opening ?? 0 };
}

function storedChange(event: Omit<BasketChanged, 'type'>): StoredChange {
  const stored: StoredChange = [
    CHANGE,
    event.atMs,
    event.revisions.catalogue,
    event.revisions.rules,
    event.totalMinor,
    event.lines.map(storedLine),
    [...event.removed],
    event.adjustments.map(storedAdjustment),
    event.skipped.map(storedSkipped),
  ];
  if (event.notices.length > 0 || event.degraded || event.taxes) stored[9] = event.notices.map(storedNotice);
  if (event.degraded || event.taxes) stored[10] = event.degraded || null;
  if (event.taxes) stored[11] = storedTaxes(event.taxes);
  return stored;
}

function changeOf(stored: StoredChange): BasketChanged {
  const [, atMs, catalogue, rules, totalMinor, lines, removed, adjustments, skipped, notices = [], degraded, taxes] = stored;
  return {
    type: 'changed',
    atMs,
    revisions: { catalogue, rules },
    totalMinor,
    lines: lines.map(lineOf),
    removed,
    adjustments: adjustments.map(adjustmentOf),
    skipped: skipped.map(skippedOf),
    notices: notices.map(noticeOf),
    degraded: degraded === true,
    ...(taxes ? { taxes: taxesOf(taxes) } : {}),
  };
}

function storedTaxes({ pricesInclude, lines }: BasketTaxes): StoredTaxes {
  const rates: [string, string][] = [];
  const places = new Map<string, number>();
  const storedLines = lines.map((line): StoredTaxedLine | 0 => {
    if (line === null) return 0;
    const key = `${line.rate} ${line.category}`;
    const place = places.get(key) ?? rates.push([line.category, line.rate]) - 1;
    places.set(key, place);
    return [place, line.netMinor, line.taxMinor];
  });
  return [pricesInclude ? 1 : 0, rates, storedLines];
}

function taxesOf([pricesInclude, rates, lines]: StoredTaxes): BasketTaxes {
  return {
    pricesInclude: pricesInclude === 1,
    lines: lines.map((line) => {
      if (line === 0) return null;
      const [category, rate] = rates[line[0]] as [string, string];
      return { category, rate, netMinor: line[1], taxMinor: line[2] };
    }),
  };
}

function storedNotice(notice: Notice): StoredNotice {
  switch (notice.code) {
    case 'priceChanged':
      return [notice.sku, notice.fromMinor, notice.toMinor];
    case 'ruleChanged':
      return [notice.strategy, notice.fromMinor, notice.toMinor, notice.message];
    case 'orderReturned': {
      const { code: _code, ...rest } = notice;
      return rest;
    }
  }
}

function noticeOf(stored: StoredNotice): Notice {
  if (!Array.isArray(stored)) return { code: 'orderReturned', ...stored };
  const [name, fromMinor, toMinor, message] = stored;
  return message === undefined
    ? { code: 'priceChanged', sku: name, fromMinor, toMinor }
    : { code: 'ruleChanged', strategy: name, fromMinor, toMinor, message };
}

function storedLine(line: Line): StoredLine {
  const { sku, name, category = null, quantity, unitPriceMinor, netMinor, degraded } = line;
  const { adjustments, skipped } = line;
  const stored: StoredLine = [
    sku, name, category, quantity, unitPriceMinor, netMinor, degraded,
    adjustments.map(storedAdjustment), skipped.map(storedSkipped),
  ];
  const extras = extrasOf(line);
  const { unit, taxCategory } = line;
  if (line.unavailable || extras || unit || taxCategory !== undefined) stored[9] = line.unavailable ?? null;
  if (extras || unit || taxCategory !== undefined) stored[10] = extras ?? null;
  if (unit || taxCategory !== undefined) stored[11] = unit ? [unit.code, unit.scale, line.grossMinor] : null;
  if (taxCategory !== undefined) stored[12] = taxCategory;
  return stored;
}

function lineOf(stored: StoredLine): Line {
  const [sku, name, category, quantity, unitPriceMinor, netMinor, degraded, adjustments, skipped, unavailable, extras, measured, taxCategory] = stored;
  return {
    sku,
    name,
    ...choiceOf({ quantity, ...extras }),
    unitPriceMinor,
    grossMinor: measured?.[2] ?? quantity * unitPriceMinor,
    netMinor,
    degraded,
    adjustments: adjustments.map(adjustmentOf),
    skipped: skipped.map(skippedOf),
    ...(category === null ? {} : { category }),
    ...(taxCategory === undefined ? {} : { taxCategory }),
    ...(measured ? { unit: { code: measured[0], scale: measured[1] } } : {}),
    ...(unavailable ? { unavailable } : {}),
  };
}

function storedAdjustment(adjustment: AppliedAdjustment): StoredAdjustment {
  const { code, amountMinor, units = null, message } = adjustment;
  return [code, amountMinor, units, message, storedRule(adjustment)];
}

function adjustmentOf([code, amountMinor, units, message, rule]: StoredAdjustment): AppliedAdjustment {
  return { code, amountMinor, message, ...(units === null ? {} : { units }), ...ruleOf(rule) };
}

function storedSkipped(skipped: SkippedRule): StoredSkipped {
  const { code, reason, unitsNeeded, strategy, version } = skipped;
  return [code, reason, unitsNeeded ?? null, strategy, version];
}

function skippedOf([code, reason, unitsNeeded, strategy, version]: StoredSkipped): SkippedRule {
  return { code, reason, ...(unitsNeeded === null ? {} : { unitsNeeded }), strategy, version };
}

function storedRule({ strategy, version, sha256 }: AppliedAdjustment): StoredRule {
  return [strategy, version, Buffer.from(sha256, 'hex').toString('base64url')];
}

function ruleOf([strategy, version, sha256]: StoredRule): Pick<AppliedAdjustment, 'strategy' | 'version' | 'sha256'> {
  return { strategy, version, sha256: Buffer.from(sha256, 'base64url').toString('hex') };
}
