import type { Rights } from '@aisle/persistence';

/** Only the functions write leases and rows, and they check the epoch. A written snapshot never changes. */
export const journalRights: Rights = {
  tables: {
    shard_lease: 'SELECT', journal: 'SELECT', snapshot: 'SELECT, INSERT', consumer_checkpoint: 'SELECT, INSERT, UPDATE, DELETE',
  },
  functions: ['journal_commit', 'journal_claim', 'journal_release', 'journal_prune'],
};
