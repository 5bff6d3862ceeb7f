import fc from 'fast-check';
import type { Action } from '../market/command.ts';
import { body } from './bare-market.ts';

export const SKUS = ['tea', 'milk', 'salmon'] as const;
export const ORDERS = ['o1', 'o2', 'o3', 'o4', 'o5', 'o6'] as const;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** An action at an instant; its dates are relative to the instant. */
export type ActionAt = (nowMs: number) => Action;

export function dateAt(nowMs: number, days: number): string {
  return new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10);
}

const sku = fc.constantFrom(...SKUS);
const orderId = fc.constantFrom(...ORDERS);
const units = fc.integer({ min: 1, max: 12 });
const days = fc.option(fc.integer({ min: -1, max: 4 }));
const fixed = (action: Action): ActionAt => () => action;
const adjustment = (name: string, given: { delta: number; kind?: 'returned' | 'written_off' }): ActionAt =>
  fixed({ kind: 'adjust', sku: name, adjustment: { reason: 'counted', ...given } });

/** Any action on a market of tea, milk and salmon; many concern a few orders. */
export const anyAction: fc.Arbitrary<ActionAt> = fc.oneof(
  fc.tuple(sku, units, days).map(([name, delta, inDays]): ActionAt => (nowMs) => ({
    kind: 'adjust', sku: name,
    adjustment: {
      delta, reason: 'delivered', kind: 'received', ...(inDays === null ? {} : { expiresOn: dateAt(nowMs, inDays) }),
    },
  })),
  fc.tuple(sku, units).map(([name, delta]) => adjustment(name, { delta, kind: 'returned' })),
  fc.tuple(sku, fc.integer({ min: -8, max: 8 }).filter((delta) => delta !== 0)).map(([name, delta]) => adjustment(name, { delta })),
  fc.tuple(sku, units).map(([name, delta]) => adjustment(name, { delta: -delta, kind: 'written_off' })),
  fc.tuple(sku, fc.integer({ min: 0, max: 20 })).map(([name, quantity]) =>
    fixed({ kind: 'replace', sku: name, product: { ...body(name), quantity }, ifMatch: 'any' })),
  fc.tuple(sku, units, days).map(([name, quantity, inDays]): ActionAt => (nowMs) => ({
    kind: 'adjust', sku: name,
    adjustment: { delta: -quantity, reason: 'dropped', kind: 'written_off', lot: inDays === null ? 'undated' : dateAt(nowMs, inDays) },
  })),
  fc.tuple(sku, fc.option(units, { nil: undefined }), days).map(([name, quantity, inDays]): ActionAt => (nowMs) => ({
    kind: 'change', sku: name, change: { quantity, ...(inDays === null ? {} : { expiresOn: dateAt(nowMs, inDays) }) },
  })),
  fc.tuple(sku, fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), days).map(([name, quantity, inDays]): ActionAt => (nowMs) => ({
    kind: 'import', lines: [{ line: 1, sku: name, ...body(name), quantity, ...(inDays === null ? {} : { expiresOn: dateAt(nowMs, inDays) }) }],
  })),
  sku.map((name) => fixed({ kind: 'delete', sku: name })),
  fc.tuple(orderId, fc.dictionary(sku, units, { minKeys: 1 }), fc.boolean()).map(([id, quantities, allowPartial]): ActionAt => (nowMs) => ({
    kind: 'reserve',
    order: {
      orderId: id, allowPartial, expiresAt: new Date(nowMs + 600_000).toISOString(),
      lines: Object.entries(quantities).map(([name, quantity]) => ({ sku: name, quantity })),
    },
  })),
  fc.tuple(fc.constantFrom('commit' as const, 'fulfil' as const), orderId)
    .map(([kind, id]) => fixed({ kind, order: { orderId: id } })),
  orderId.map((id) => fixed({ kind: 'release', order: { orderId: id, reason: 'cancelled' } })),
  fc.constant(fixed({ kind: 'expire', orderIds: ORDERS })),
  fc.constant<ActionAt>((nowMs) => ({
    kind: 'age',
    lots: SKUS.flatMap((name) =>
      [...Array.from({ length: 8 }, (_, at) => dateAt(nowMs, at - 3)), 'undated'].map((lot) => ({ sku: name, lot }))),
  })),
);
