import type { Rights } from '@aisle/persistence';

/** Leases and rows are written by the functions alone, which check the epoch; a snapshot that is written stays as it is. */
export const journalRights: Rights = {
  tables: {
    shard_lease: 'SELECT', journal: 'SELECT', snapshot: 'SELECT, INSERT', consumer_checkpoint: 'SELECT, INSERT, UPDATE, DELETE',
  },
  functions: ['journal_commit', 'journal_claim', 'journal_release', 'journal_prune'],
};
