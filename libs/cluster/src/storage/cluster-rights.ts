import type { Rights } from '@aisle/persistence';

/** The rights of a node of a shard group, which renews its lease and reads the placement. */
export const nodeRights: Rights = {
  tables: { node_lease: 'SELECT, INSERT, UPDATE, DELETE', placement: 'SELECT', shard_lease: 'SELECT' },
};

/** The rights of a manager of a shard group, which deletes dead nodes and places shards. */
export const managerRights: Rights = {
  tables: { node_lease: 'SELECT, DELETE', placement: 'SELECT, UPDATE', shard_lease: 'SELECT' },
};

/** The rights of a process with cluster-wide names. */
export const nameRights: Rights = {
  tables: { node_lease: 'SELECT, INSERT, UPDATE, DELETE', cluster_name: 'SELECT, INSERT, UPDATE, DELETE' },
};
