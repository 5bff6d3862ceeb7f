export { Activation } from './activation.ts';
export type { ActivationOptions } from './activation.ts';
export type { Behaviour, Reply, Submission, Version } from './behaviour.ts';
export type { Appended } from './commit-queue.ts';
export { eventsOf, payloadHash } from './json-bytes.ts';
export { JournalFailure, UnstorableEvent } from './journal-failures.ts';
export { JournalPruner } from './journal-pruner.ts';
export type { JournalPrunerOptions } from './journal-pruner.ts';
export { Journal } from './journal.ts';
export type { JournalOptions } from './journal.ts';
export type {
  ActorHistory, ActorKey, ClaimAnswer, CommitAnswer, JournalRow, JournalStorage, LoadRequest, PruneLimits,
  Recorded, RecordedRow, ShardOwner, ShardPosition, Snapshot,
} from './journal-storage.ts';
export type { Lease } from './lease.ts';
export { journalMigrations } from './postgres/journal.migration.ts';
export { journalRights } from './postgres/journal-rights.ts';
export { PostgresStorage } from './postgres/postgres-storage.ts';
export type { PostgresStorageOptions } from './postgres/postgres-storage.ts';
export { JournalTail } from './tail/journal-tail.ts';
export type { JournalTailOptions } from './tail/journal-tail.ts';
export { hasYounger } from './tail/tail-consumer.ts';
export type { ReadableJournal, TailConsumer } from './tail/tail-consumer.ts';
