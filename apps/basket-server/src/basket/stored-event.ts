// How the journal keeps a basket's events: as positional arrays, since the names of its fields would
// be most of an add. The first element tells the layout, so that an old one can still be read.
import type { AppliedAdjustment, SkippedRule } from '@aisle/pricing';
import type { BasketChanged, Line } from './basket.ts';

const LAYOUT = 1;

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

/** A JSON value. */
export type StoredEvent = [
  layout: typeof LAYOUT,
  atMs: number,
  catalogue: number,
  rules: number,
  totalMinor: number,
  lines: StoredLine[],
  removed: string[],
  adjustments: StoredAdjustment[],
  skipped: StoredSkipped[],
];

export function storedEvent(event: BasketChanged): StoredEvent {
  return [
    LAYOUT,
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

/** Throws when the layout is none that this version can read. */
export function eventOf(stored: StoredEvent): BasketChanged {
  const [layout, atMs, catalogue, rules, totalMinor, lines, removed, adjustments, skipped] = stored;
  if (layout !== LAYOUT) throw new Error(`a basket event of layout ${String(layout)} cannot be read here`);
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
