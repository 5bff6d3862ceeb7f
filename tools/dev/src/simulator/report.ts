import { RULES, heldWhenSealed, violationsOf, type Violation } from './invariants.ts';
import type { BasketLedger, Ledger } from './ledger.ts';
import type { Seen, ShopClient } from './shop-client.ts';

const READERS = 16;
const SHOWN_MAX = 5;

/** Reads every basket of the run from the system, and compares it with the shoppers' records. */
export async function judge(ledger: Ledger, client: Pick<ShopClient, 'see'>): Promise<Violation[]> {
  const seen = new Map<BasketLedger, Seen>();
  const unread = [...ledger.all];
  const reader = async (): Promise<void> => {
    for (let book = unread.pop(); book; book = unread.pop()) seen.set(book, await client.see(book.market, book.basket));
  };
  await Promise.all(Array.from({ length: READERS }, reader));

  return [...seen].flatMap(([book, what]) =>
    violationsOf(book, what, (name) => {
      const other = ledger.of(book.market, name, 'one');
      const ofOther = seen.get(other);
      return ofOther ? heldWhenSealed(other, ofOther) : new Map();
    }),
  );
}

/** The report for people: each rule, with its violations. */
export function reportLines(ledger: Ledger, violations: readonly Violation[]): string[] {
  const [kept, doubtful, refused] = (['acknowledged', 'doubtful', 'refused'] as const).map((is) => ledger.count(is));
  const rules = Object.entries(RULES).flatMap(([rule, sentence]) => {
    const found = violations.filter((violation) => violation.rule === rule);
    const shown = found.slice(0, SHOWN_MAX).map(({ basket, what }) => `    ${basket}: ${what}`);
    const more = found.length > SHOWN_MAX ? [`    and ${found.length - SHOWN_MAX} more`] : [];
    return [`${found.length === 0 ? '✓' : '✗'} ${sentence}`, ...shown, ...more];
  });
  return [
    '',
    `Invariants of ${ledger.all.length} baskets: ${kept} commands acknowledged, ${refused} refused, ${doubtful} doubtful`,
    ...rules,
    violations.length === 0 ? 'Every invariant holds.' : `${violations.length} violations.`,
  ];
}
