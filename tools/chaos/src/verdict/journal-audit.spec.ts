import { auditJournal, type JournalRow, type SentCommands } from './journal-audit.ts';

const FIRST: JournalRow = { basket: 'a', seq: 1, epoch: 1, key: 'one', isRepricing: false };
const ROWS: readonly JournalRow[] = [
  FIRST,
  { basket: 'a', seq: 2, epoch: 3, key: 'two', isRepricing: false },
  { basket: 'b', seq: 1, epoch: 2, key: 'three', isRepricing: false },
];
const NEXT: JournalRow = { basket: 'b', seq: 2, epoch: 2, key: 'unheard of', isRepricing: false };

describe('the audit of a journal', () => {
  it('accepts a journal with every acknowledged command once', () => {
    expect(auditJournal(ROWS, sentAs(ROWS))).toEqual([]);
  });

  it('accepts a command of unknown outcome, present or not', () => {
    const sent = sentAs(ROWS);

    const unknown = { ...sent, acknowledged: [], sent: new Map([...sent.sent, ['four', 'a']]) };

    expect(auditJournal(ROWS, unknown)).toEqual([]);
  });

  it('accepts new prices that a server recorded by itself, in sequence', () => {
    const repricing = { ...NEXT, isRepricing: true };

    expect(auditJournal([...ROWS, repricing], sentAs(ROWS))).toEqual([]);
    expect(auditJournal([...ROWS, { ...repricing, seq: 3 }], sentAs(ROWS))).toMatchObject([{ promise: 'P2' }]);
  });

  it.each<[what: string, rows: readonly JournalRow[], promise: string, text: string]>([
    ['an acknowledged command that is lost', ROWS.slice(0, 2), 'P1', 'was acknowledged, and is not in the journal'],
    ['a command that is there twice', [...ROWS, { ...NEXT, key: 'three' }], 'P4', 'at seq 1 of b as well'],
    ['a command that nobody sent', [...ROWS, NEXT], 'P4', 'was never sent there'],
    ['a gap', [...ROWS.slice(0, 2), NEXT], 'P2', 'b goes from seq 0 to 2'],
    ['an epoch that falls', [{ ...FIRST, epoch: 4 }, ...ROWS.slice(1)], 'P2', 'epoch 3 at seq 2 follows epoch 4'],
  ])('finds %s', (_what, rows, promise, text) => {
    const found = auditJournal(rows, sentAs(ROWS));

    expect(found).toContainEqual({ promise, text: expect.stringContaining(text) as string });
  });

  it('finds a command that was refused and took effect', () => {
    const sent = { ...sentAs(ROWS), refused: new Set(['two']) };

    expect(auditJournal(ROWS, sent)).toMatchObject([{ promise: 'P4' }]);
  });
});

/** A workload whose commands are these rows, all acknowledged. */
function sentAs(rows: readonly JournalRow[]): SentCommands {
  return {
    sent: new Map(rows.map(({ key, basket }) => [key, basket])),
    refused: new Set(),
    acknowledged: rows.map(({ key, basket, seq }) => ({
      key, basket, version: seq, operation: { op: 'add', sku: 'GR1', quantity: 1 }, lines: {},
    })),
  };
}
