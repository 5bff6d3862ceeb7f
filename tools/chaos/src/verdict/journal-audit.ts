import pg from 'pg';
import type { Workload } from '../workload/workload.ts';

/** What the journal says of the commands that the workload sent. */
export interface JournalAudit {
  readonly rows: number;
  readonly violations: readonly { readonly promise: 'P1' | 'P2' | 'P4'; readonly text: string }[];
}

interface Row {
  readonly basket: string;
  readonly seq: number;
  readonly epoch: number;
  readonly key: string;
}

/**
 * Reads the whole journal and compares: what was acknowledged is there once (P1), what was certainly refused
 * is not (P4), nothing is there twice or was never sent (P4), and no epoch falls along an actor's
 * sequence, which has no gap (P2).
 */
export async function auditJournal(databaseUrl: string, workload: Workload): Promise<JournalAudit> {
  const rows = await readJournal(databaseUrl);
  const violations: { promise: 'P1' | 'P2' | 'P4'; text: string }[] = [];
  const keys = new Map<string, Row>();
  const last = new Map<string, Row>();
  for (const row of rows) {
    const { key, basket, seq, epoch } = row;
    const place = `command ${key} of ${basket} at seq ${seq}`;
    const twin = keys.get(key);
    if (twin) violations.push({ promise: 'P4', text: `${place} is at seq ${twin.seq} of ${twin.basket} as well` });
    if (workload.sent.get(key) !== basket) violations.push({ promise: 'P4', text: `${place} was never sent there` });
    if (workload.refused.has(key)) violations.push({ promise: 'P4', text: `${place} was refused, and took effect` });
    keys.set(key, row);
    const before = last.get(basket);
    if (seq !== (before?.seq ?? 0) + 1) {
      violations.push({ promise: 'P2', text: `${basket} goes from seq ${before?.seq ?? 0} to ${seq}` });
    }
    if (before && epoch < before.epoch) {
      violations.push({ promise: 'P2', text: `${basket}: epoch ${epoch} at seq ${seq} follows epoch ${before.epoch}` });
    }
    last.set(basket, row);
  }
  for (const { key, basket, version } of workload.acknowledged) {
    const row = keys.get(key);
    if (!row) violations.push({ promise: 'P1', text: `acknowledged command ${key} of ${basket} is not in the journal` });
    else if (row.seq !== version) {
      violations.push({ promise: 'P1', text: `command ${key} of ${basket} was acknowledged as version ${version}, and is seq ${row.seq}` });
    }
  }
  return { rows: rows.length, violations };
}

async function readJournal(databaseUrl: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ actor: string; seq: string; epoch: number; id: Buffer }>(
      'SELECT actor, seq, epoch, command_id AS id FROM basket.journal ORDER BY actor, seq');
    return rows.map(({ actor, seq, epoch, id }) => ({
      basket: actor.slice(actor.lastIndexOf('/') + 1), seq: Number(seq), epoch, key: uuidFrom(id),
    }));
  } finally {
    await client.end();
  }
}

// As the journal stores ids: a byte for the form, then a UUID's 16 bytes. All keys sent here are UUIDs.
function uuidFrom(stored: Buffer): string {
  const hex = stored.toString('hex', 1);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
