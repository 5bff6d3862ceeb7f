import type { RecordedRow } from '@aisle/journal';
import { checkLinearizable, type History } from '@aisle/simulation';
import { SIMULATED_SHARDS, type SimulatedCluster } from './simulated-cluster.ts';

/** A command that was acknowledged to a client, and its cart. */
export interface Acknowledged {
  readonly commandId: string;
  readonly actor: string;
}

/** Throws an error that lists the first five violated invariants of this run. */
export async function checkInvariants(
  cluster: SimulatedCluster, history: History, acknowledged: readonly Acknowledged[],
): Promise<void> {
  const shards = Array.from({ length: SIMULATED_SHARDS }, (_, shard) => ({ shard, pos: 0 }));
  const rows = await cluster.memory.storage('the observer').readAfter(shards, Infinity);
  const broken = [...cluster.violations, ...journalViolations(rows), ...lostCommands(rows, acknowledged)];
  const verdict = checkLinearizable(history);
  if (verdict.kind !== 'linearizable') broken.push(`linearizability, ${verdict.kind}: ${verdict.explanation}`);
  if (broken.length > 0) throw new Error([...new Set(broken)].slice(0, 5).join('\n'));
}

function journalViolations(rows: readonly RecordedRow[]): string[] {
  const broken: string[] = [];
  const epochs = new Map<number, number>();
  const seqs = new Map<string, number>();
  const ids = new Set<string>();
  // In commit order, shard by shard.
  for (const { shard, actor, seq, epoch, commandId } of rows) {
    if (epoch < (epochs.get(shard) ?? 0)) broken.push(`I2: epoch ${epoch} wrote to shard ${shard} after a higher one`);
    epochs.set(shard, Math.max(epoch, epochs.get(shard) ?? 0));
    const before = seqs.get(actor) ?? 0;
    if (seq !== before + 1) broken.push(`I4: ${actor} goes from ${before} to ${seq}`);
    seqs.set(actor, seq);
    if (ids.has(commandId)) broken.push(`I5: command ${commandId} was applied twice`);
    ids.add(commandId);
  }
  return broken;
}

function lostCommands(rows: readonly RecordedRow[], acknowledged: readonly Acknowledged[]): string[] {
  const committed = new Set(rows.map(({ actor, commandId }) => `${actor}/${commandId}`));
  return acknowledged
    .filter(({ actor, commandId }) => !committed.has(`${actor}/${commandId}`))
    .map(({ commandId }) => `I1: command ${commandId} was acknowledged and is not in the journal`);
}
