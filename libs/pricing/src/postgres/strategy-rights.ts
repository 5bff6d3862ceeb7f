/**
 * Rights that the store needs, for `Access` of `@aisle/persistence`. Versions, history and audit are only added to; of a version that is
 * there, nothing changes but whether it may be used. A version that was never in force is deleted by a function.
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
