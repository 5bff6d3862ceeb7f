// The invariants of a basket after any use. Pure: from the shoppers' records and the system's answers to the
// violations.
import type { Basket } from '@aisle/contracts';
import type { BasketLedger, Entry } from './ledger.ts';
import { applied, merged, textOf, type Quantities } from './quantities.ts';
import type { Seen } from './shop-client.ts';

/** Every rule, with its sentence in the report. */
export const RULES = {
  kept: "every acknowledged command is in its basket's journal exactly once, at the version it was answered with",
  honest: 'the journals hold nothing that was refused, and nothing that nobody asked for',
  versions: 'versions go up by one, and the basket is at its last',
  order: 'a writer finds its commands in the order in which it had their answers',
  replay: 'each basket is what its commands make of it, one after the other',
  sums: 'lines and adjustments add up to the total, everywhere',
  answers: 'no answer was an error of the system but 503 and 504',
} as const;

export interface Violation {
  readonly rule: keyof typeof RULES;
  readonly basket: string;
  readonly what: string;
}

/** The lines of a basket when it was merged into another one. */
export type HeldWhenMerged = (basket: string) => Quantities;

type JournalEntry = Seen['journal'][number];

/** Steps of a merge and of expiry that the system takes by itself, under its own ids. */
const OWN_STEPS: ReadonlySet<JournalEntry['type']> = new Set(['sealed', 'unsealed', 'merged', 'expired']);

export function violationsOf(ledger: BasketLedger, seen: Seen, heldWhenMerged: HeldWhenMerged): Violation[] {
  const basket = `${ledger.market}/${ledger.basket}`;
  const says = (rule: Violation['rule'], found: readonly string[]): Violation[] =>
    found.map((what) => ({ rule, basket, what }));
  return [
    ...says('kept', notKept(ledger, seen)),
    ...says('honest', notAskedFor(ledger, seen)),
    ...says('versions', gaps(seen)),
    ...says('order', ledger.writers === 'one' ? outOfOrder(ledger) : []),
    ...says('replay', otherThanReplayed(ledger, seen, heldWhenMerged)),
    ...says('sums', seen.basket ? wrongSums(seen.basket) : []),
  ];
}

function notKept({ entries }: BasketLedger, { journal }: Seen): string[] {
  const versions = new Map<string, number[]>();
  for (const { commandId, version } of journal) {
    versions.set(commandId, [...(versions.get(commandId) ?? []), version]);
  }
  const lost = entries.flatMap(({ key, fate }) => {
    if (fate.is !== 'acknowledged' || !fate.written) return [];
    const found = versions.get(key) ?? [];
    if (found.length === 1 && found[0] === fate.version) return [];
    const where = found.length === 0 ? 'is not in the journal' : `is in the journal at ${found.join(' and ')}`;
    return [`${key}, acknowledged at version ${fate.version}, ${where}`];
  });
  const doubled = [...versions]
    .filter(([key, found]) => found.length > 1 && !entries.some((entry) => entry.key === key))
    .map(([key, found]) => `${key} is in the journal at ${found.join(' and ')}`);
  return [...lost, ...doubled];
}

function notAskedFor({ entries }: BasketLedger, { journal }: Seen): string[] {
  const asked = byKey(entries);
  return journal.flatMap(({ commandId, version, type }) => {
    if (OWN_STEPS.has(type)) return [];
    const fate = asked.get(commandId)?.fate;
    // A declined merge is recorded, so that it stays declined.
    if (fate?.is === 'refused' && type !== 'declined') return [`${commandId} was refused, and is at version ${version}`];
    return fate ? [] : [`nobody asked for ${commandId}, which is at version ${version}`];
  });
}

function gaps({ journal, basket }: Seen): string[] {
  const wrong = journal
    .flatMap(({ version }, index) =>
      version === index + 1 ? [] : [`the entry after version ${index} has version ${version}`],
    )
    .slice(0, 1);
  const last = journal.at(-1)?.version ?? 0;
  if (basket && basket.version !== last) wrong.push(`it is at version ${basket.version}, its journal at ${last}`);
  return wrong;
}

function outOfOrder({ entries }: BasketLedger): string[] {
  let before = 0;
  return entries.flatMap(({ key, fate }) => {
    if (fate.is !== 'acknowledged') return [];
    const fell = fate.written ? fate.version <= before : fate.version < before;
    const what = `${key} was answered with version ${fate.version} after version ${before}`;
    before = Math.max(before, fate.version);
    return fell ? [what] : [];
  });
}

function otherThanReplayed(ledger: BasketLedger, seen: Seen, heldWhenMerged: HeldWhenMerged): string[] {
  const asked = byKey(ledger.entries);
  let held: Quantities = new Map();
  for (const entry of seen.journal) {
    held = after(held, entry, asked.get(entry.commandId), heldWhenMerged);
    const other = entry.lines.find(({ sku, quantity }) => (held.get(sku) ?? 0) !== quantity);
    if (other) {
      return [`version ${entry.version} has ${other.quantity} ${other.sku}, its commands make ${held.get(other.sku) ?? 0}`];
    }
  }
  if (!seen.basket) return [];
  const now = quantitiesOf(seen.basket);
  return textOf(now) === textOf(held) ? [] : [`it holds ${textOf(now)}; its commands make ${textOf(held)}`];
}

/** The lines of a basket when it was sealed, by its own commands. */
export function heldWhenSealed({ entries }: BasketLedger, { journal }: Seen): Quantities {
  const asked = byKey(entries);
  let held: Quantities = new Map();
  for (const entry of journal) {
    if (entry.type === 'merged') return held;
    held = after(held, entry, asked.get(entry.commandId), () => new Map());
  }
  return held;
}

function after(
  held: Quantities,
  { type, other }: JournalEntry,
  entry: Entry | undefined,
  heldWhenMerged: HeldWhenMerged,
): Quantities {
  if (type === 'merged' || type === 'expired') return new Map();
  const deed = entry?.deed;
  if (type === 'absorbed' && deed?.does === 'merge') return merged(held, heldWhenMerged(other ?? ''), deed.mode);
  return type === 'changed' && deed?.does === 'change' ? applied(held, deed.operations) : held;
}

/** Also used for each answer while the shoppers shop. */
export function wrongSums({ lines, adjustments, total }: Basket): string[] {
  const wrong = lines.flatMap(({ sku, quantity, unitPrice, gross, adjustments: ofLine, net }) => {
    const wantedNet = gross.amount + sum(ofLine.map(({ amount }) => amount.amount));
    return gross.amount === quantity * unitPrice.amount && net.amount === wantedNet
      ? []
      : [`${quantity} ${sku} at ${unitPrice.amount} is ${gross.amount} gross and ${net.amount} net, not ${wantedNet}`];
  });
  const wanted = sum(lines.map(({ net }) => net.amount)) + sum(adjustments.map(({ amount }) => amount.amount));
  return wanted === total.amount ? wrong : [...wrong, `the total is ${total.amount}, not ${wanted}`];
}

function quantitiesOf({ lines }: Basket): Quantities {
  return new Map(lines.map(({ sku, quantity }) => [sku, quantity]));
}

function byKey(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  return new Map(entries.map((entry) => [entry.key, entry]));
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((before, amount) => before + amount, 0);
}
