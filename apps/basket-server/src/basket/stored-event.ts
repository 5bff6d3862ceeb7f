// How the journal keeps a basket's events: as positional arrays, since the names of its fields would
// be most of an add. The first element tells the layout, so that what was written before is read for
// ever: 1 is a change, and every add since the first; 2 is everything else that happens to a basket.
import type { AppliedAdjustment, SkippedRule } from '@aisle/pricing';
import {
  emptyBasket, evolve, type Basket, type BasketAbsorbed, type BasketChanged, type BasketEvent, type Line, type Merge,
  type Standing,
} from './basket.ts';

const CHANGE = 1;
const BESIDE = 2;

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
];

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
];
type StoredAbsorbed = [
  layout: typeof BESIDE, type: 'absorbed', mergeId: string, from: string, change: StoredChange,
];
type StoredBeside = [
  layout: typeof BESIDE,
  type: Exclude<BasketEvent['type'], 'changed' | 'absorbed'>,
  atMs: number,
  totalMinor: number,
  detail?: Merge | string,
];

/** A JSON value. */
export type StoredEvent = StoredChange | StoredAbsorbed | StoredBeside;

/** A JSON value: the change that makes the basket from nothing, and what that does not say. */
type SavedBasket = [version: number, basket: StoredChange, standing?: Standing, absorbed?: readonly string[]];

export function storedEvent(event: BasketEvent): StoredEvent {
  switch (event.type) {
    case 'changed':
      return storedChange(event);
    case 'absorbed':
      return [BESIDE, 'absorbed', event.mergeId, event.from, storedChange(event.change)];
    case 'sealed':
      return [BESIDE, event.type, event.atMs, event.totalMinor, event.merge];
    case 'expired':
      return [BESIDE, event.type, event.atMs, event.totalMinor];
    case 'merged':
    case 'unsealed':
    case 'declined':
      return [BESIDE, event.type, event.atMs, event.totalMinor, event.other];
  }
}

const CHANGE_ROW = Buffer.from(`[[${CHANGE},`);

/** Whether a row is a change, as nearly all are: seen by its first bytes, without reading the rest. */
export function isChange({ events }: { readonly events: Uint8Array }): boolean {
  return CHANGE_ROW.every((byte, at) => events[at] === byte);
}

/** What an event is, without reading all of it. */
export function typeOf(stored: StoredEvent): BasketEvent['type'] {
  return stored[0] === CHANGE ? 'changed' : stored[1];
}

/** Reads every layout there ever was. Throws when it is a newer one. */
export function eventOf(stored: StoredEvent): BasketEvent {
  switch (stored[0]) {
    case CHANGE:
      return changeOf(stored);
    case BESIDE:
      return stored[1] === 'absorbed' ? absorbedOf(stored as StoredAbsorbed) : besideOf(stored as StoredBeside);
    default:
      throw new Error(`a basket event of layout ${String(stored[0])} cannot be read here`);
  }
}

/** A snapshot of schema version 2; most baskets have nothing to say that version 1 did not. */
export function savedBasket(basket: Basket): SavedBasket {
  const { version, standing, absorbed } = basket;
  const lines = [...basket.lines.values()];
  const change = storedChange({ ...basket, lines, removed: [], atMs: basket.updatedAtMs });
  return standing.is === 'open' && absorbed.length === 0 ? [version, change] : [version, change, standing, absorbed];
}

/** Reads a snapshot of schema version 1 or 2. Throws when it is a newer one. */
export function basketOf(saved: unknown, schemaVersion: number): Basket {
  if (schemaVersion > 2) throw new Error(`a basket of schema version ${schemaVersion} cannot be read here`);
  const [version, change, standing, absorbed = []] = saved as SavedBasket;
  const basket = evolve(emptyBasket, changeOf(change));
  return { ...basket, version, absorbed, ...(standing ? { standing } : {}) };
}

function absorbedOf([, type, mergeId, from, change]: StoredAbsorbed): BasketAbsorbed {
  return { type, mergeId, from, change: changeOf(change) };
}

function besideOf([, type, atMs, totalMinor, detail]: StoredBeside): BasketEvent {
  switch (type) {
    case 'sealed':
      return { type, atMs, totalMinor, merge: detail as Merge };
    case 'expired':
      return { type, atMs, totalMinor };
    case 'merged':
    case 'unsealed':
    case 'declined':
      return { type, atMs, totalMinor, other: detail as string };
    default:
      throw new Error(`a basket event of type ${String(type)} cannot be read here`);
  }
}

function storedChange(event: Omit<BasketChanged, 'type'>): StoredChange {
  return [
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
}

function changeOf(stored: StoredChange): BasketChanged {
  const [, atMs, catalogue, rules, totalMinor, lines, removed, adjustments, skipped] = stored;
  return {
    type: 'changed',
    atMs,
    revisions: { catalogue, rules },
    totalMinor,
    lines: lines.map(lineOf),
    removed,
    adjustments: adjustments.map(adjustmentOf),
    skipped: skipped.map(skippedOf),
  };
}

function storedLine(line: Line): StoredLine {
  const { sku, name, category = null, quantity, unitPriceMinor, netMinor, degraded } = line;
  const { adjustments, skipped } = line;
  return [
    sku, name, category, quantity, unitPriceMinor, netMinor, degraded,
    adjustments.map(storedAdjustment), skipped.map(storedSkipped),
  ];
}

function lineOf(stored: StoredLine): Line {
  const [sku, name, category, quantity, unitPriceMinor, netMinor, degraded, adjustments, skipped] = stored;
  return {
    sku,
    name,
    quantity,
    unitPriceMinor,
    grossMinor: quantity * unitPriceMinor,
    netMinor,
    degraded,
    adjustments: adjustments.map(adjustmentOf),
    skipped: skipped.map(skippedOf),
    ...(category === null ? {} : { category }),
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
