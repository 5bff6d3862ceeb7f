import type { Rights } from '@aisle/persistence';

/**
 * In the schema of an outbox: events move from the outbox to the log, and are deleted there once every consumer has
 * passed them.
 */
export const outboxRights: Rights = {
  tables: { outbox: 'SELECT, INSERT, DELETE', outbox_log: 'SELECT, INSERT, DELETE', outbox_partition: 'SELECT, INSERT, UPDATE' },
};

/** In the schema of an inbox. */
export const inboxRights: Rights = { tables: { inbox: 'SELECT, INSERT, DELETE' } };

/**
 * In the schema `events`, for an app with a relay: it reads the consumers' positions, and deletes a retired consumer.
 */
export const tellerRights: Rights = {
  tables: { checkpoint: 'SELECT, UPDATE (wants_rewind), DELETE', consumer_member: 'SELECT', seal: 'SELECT' },
};

/** In the schema `events`, for an app with consumers. */
export const readerRights: Rights = {
  tables: {
    checkpoint: 'SELECT, INSERT, UPDATE', consumer_member: 'SELECT, INSERT, UPDATE, DELETE', seal: 'SELECT',
    dead_letter: 'SELECT, INSERT, UPDATE, DELETE',
  },
};
