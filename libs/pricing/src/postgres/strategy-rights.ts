/**
 * What the store does, for `Access` of `@aisle/persistence`. Versions, history and audit are only added to; of a version that is
 * there, nothing changes but whether it may be used.
 */
export const strategyRights = {
  tables: {
    strategy_revision: 'SELECT, INSERT, UPDATE',
    strategy: 'SELECT, INSERT, UPDATE',
    strategy_version: 'SELECT, INSERT, UPDATE (validated, validated_revision, retired, retired_revision)',
    strategy_history: 'SELECT, INSERT',
    strategy_audit: 'SELECT, INSERT',
  },
} as const;
