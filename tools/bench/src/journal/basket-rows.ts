import { createHash } from 'node:crypto';
import { payloadHash } from '@aisle/journal';
import type { JournalRow } from '@aisle/journal';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';

const SHARDS = 256;

const EVENTS = Buffer.from(
  '[{"type":"lineChanged","sku":"GR1","quantity":3,"unitMinor":311,"netMinor":622,"atMs":1795225600000}]');
const OUTCOME = Buffer.from('{"sku":"GR1"}');
const STRIDE = 7_919;
const HASH = payloadHash('{"sku":"GR1","quantity":1}');

/** Adds to baskets with a single writer, in an order that the journal accepts. */
export class BasketRows {
  readonly name = uuidv7(runtime);
  private at = 0;
  private readonly actors: { readonly shard: number; readonly actor: string; seq: number }[];

  constructor(baskets: number) {
    this.actors = Array.from({ length: baskets }, (_, index) => (
      { shard: index % SHARDS, actor: `default/supermarket-1/${uuidv7(runtime)}`, seq: 0 }));
  }

  get shards(): number[] {
    return [...new Set(this.actors.map(({ shard }) => shard))];
  }

  next(count: number): Omit<JournalRow, 'epoch'>[] {
    return Array.from({ length: count }, () => this.one());
  }

  // A cheap stride without a pattern, since the making of rows is not measured.
  one(): Omit<JournalRow, 'epoch'> {
    this.at = (this.at + STRIDE) % this.actors.length;
    const basket = this.actors[this.at] as (typeof this.actors)[number];
    basket.seq += 1;
    const { shard, actor, seq } = basket;
    return { shard, actor, seq, commandId: uuidv7(runtime), payloadHash: HASH, events: EVENTS, outcome: OUTCOME };
  }

  /** The same rows as columns, for a bare insert, with keys and ids in the journal's stored form. */
  columns(rows: readonly Omit<JournalRow, 'epoch'>[]): unknown[][] {
    return [
      rows.map(({ shard }) => shard),
      rows.map(() => 1),
      rows.map(({ actor }) => keyOf(actor)),
      rows.map(({ actor }) => actor),
      rows.map(({ seq }) => seq),
      rows.map(({ commandId }) => Buffer.from(`00${commandId.replaceAll('-', '')}`, 'hex')),
      rows.map((row) => row.payloadHash),
      rows.map(({ events }) => events),
      rows.map(({ outcome }) => outcome),
    ];
  }
}

const keys = new Map<string, string>();

function keyOf(actor: string): string {
  let key = keys.get(actor);
  if (!key) {
    const time = actor.slice(-36, -23).replace('-', '');
    key = time + createHash('sha256').update(actor).digest('hex').slice(12, 32);
    keys.set(actor, key);
  }
  return key;
}
