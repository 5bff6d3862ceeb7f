import type { Rights } from '@aisle/persistence';

/** A node of a shard group: it says that it lives, and follows the placement. */
export const nodeRights: Rights = {
  tables: { node_lease: 'SELECT, INSERT, UPDATE, DELETE', placement: 'SELECT', shard_lease: 'SELECT' },
};

/** A manager of a shard group: it buries the dead, and places shards. */
export const managerRights: Rights = {
  tables: { node_lease: 'SELECT, DELETE', placement: 'SELECT, UPDATE', shard_lease: 'SELECT' },
};

/** A process that bears names in its group. */
export const nameRights: Rights = {
  tables: { node_lease: 'SELECT, INSERT, UPDATE, DELETE', cluster_name: 'SELECT, INSERT, UPDATE, DELETE' },
};
