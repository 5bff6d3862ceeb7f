import pg from 'pg';
import type { Workload } from '../workload/workload.ts';

/** One accepted command of the journal. */
export interface JournalRow {
  readonly basket: string;
  readonly seq: number;
  readonly epoch: number;
  readonly key: string;
  /** Not sent by a client: a basket-server records new prices that it has shown, under an id of its own. */
  readonly isRepricing: boolean;
}

/** A violation in the journal. */
export interface JournalFinding {
  readonly promise: 'P1' | 'P2' | 'P4';
  readonly text: string;
}

/** The workload's knowledge of its commands. */
export type SentCommands = Pick<Workload, 'sent' | 'refused' | 'acknowledged'>;

/**
 * Compares the journal, in the order of each basket's sequence, with the sent commands. An acknowledged command is
 * there once (P1), and a refused one is not. Nothing is there twice or was never sent, except repricings (P4). No epoch
 * falls along a basket's sequence, which has no gap (P2).
 */
export function auditJournal(
  rows: readonly JournalRow[], { sent, refused, acknowledged }: SentCommands,
): JournalFinding[] {
  const findings: JournalFinding[] = [];
  const keys = new Map<string, JournalRow>();
  const last = new Map<string, JournalRow>();
  for (const row of rows) {
    const { key, basket, seq, epoch, isRepricing } = row;
    const place = `command ${key} of ${basket} at seq ${seq}`;
    const twin = keys.get(key);
    if (twin) findings.push({ promise: 'P4', text: `${place} is at seq ${twin.seq} of ${twin.basket} as well` });
    if (sent.get(key) !== basket && !isRepricing) findings.push({ promise: 'P4', text: `${place} was never sent there` });
    if (refused.has(key)) findings.push({ promise: 'P4', text: `${place} was refused, and took effect` });
    keys.set(key, row);
    const before = last.get(basket);
    if (seq !== (before?.seq ?? 0) + 1) {
      findings.push({ promise: 'P2', text: `${basket} goes from seq ${before?.seq ?? 0} to ${seq}` });
    }
    if (before && epoch < before.epoch) {
      findings.push({ promise: 'P2', text: `${basket}: epoch ${epoch} at seq ${seq} follows epoch ${before.epoch}` });
    }
    last.set(basket, row);
  }
  for (const { key, basket, version } of acknowledged) {
    const row = keys.get(key);
    const command = `command ${key} of ${basket}`;
    if (!row) findings.push({ promise: 'P1', text: `${command} was acknowledged, and is not in the journal` });
    else if (row.seq !== version) {
      const text = `${command} was acknowledged as version ${version}, and is seq ${row.seq}`;
      findings.push({ promise: 'P1', text });
    }
  }
  return findings;
}

/** The whole journal of a market. In other markets, nemeses have baskets of their own. */
export async function readJournal(databaseUrl: string, market: string): Promise<JournalRow[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ actor: string; seq: string; epoch: number; id: Buffer; isRepricing: boolean }>(
      `SELECT actor, seq, epoch, command_id AS id, convert_from(events, 'UTF8') LIKE '[[2,"repriced",%' AS "isRepricing"
       FROM basket.journal WHERE actor LIKE $1 ORDER BY actor, seq`,
      [`%/${market}/%`]);
    return rows.map(({ actor, seq, epoch, id, isRepricing }) => ({
      basket: actor.slice(actor.lastIndexOf('/') + 1), seq: Number(seq), epoch, key: uuidFrom(id), isRepricing,
    }));
  } finally {
    await client.end();
  }
}

// The stored form of ids: a byte for the form, then a UUID's 16 bytes. All keys sent here are UUIDs.
function uuidFrom(stored: Buffer): string {
  const hex = stored.toString('hex', 1);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
