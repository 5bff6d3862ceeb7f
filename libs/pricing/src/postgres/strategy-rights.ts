/**
 * The rights that the store needs, for `Access` of `@aisle/persistence`. Versions, history and audit are append-only;
 * only the usability of a version may change. A function deletes versions that were never in force.
 */
export const strategyRights = {
  tables: {
    strategy_revision: 'SELECT, INSERT, UPDATE',
    strategy: 'SELECT, INSERT, UPDATE',
    strategy_version: 'SELECT, INSERT, UPDATE (validated, validated_revision, retired, retired_revision)',
    strategy_history: 'SELECT, INSERT',
    strategy_audit: 'SELECT, INSERT',
  },
  functions: ['strategy_remove_version'],
} as const;
