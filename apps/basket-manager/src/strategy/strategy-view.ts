import type { Strategy, StrategyAudit, StrategyList } from '@aisle/contracts';
import type { AuditEntry, ListedStrategies, StrategyRecord } from '@aisle/pricing/lifecycle';

/** A strategy as the API shows it. */
export function strategyView(record: StrategyRecord): Strategy {
  const { name, kind, revision, active, shadow, canary, before, unreadable } = record;
  return {
    name, kind, revision, active: active ?? null, shadow: shadow ?? null, canary: canary ?? null, before: [...before],
    ...(unreadable ? { unreadable: unreadable.map(({ version, reason }) => ({ version, reason })) } : {}),
  };
}

export function listView({ revision, strategies }: ListedStrategies): StrategyList {
  return { revision, items: strategies.map(strategyView) };
}

export function auditView(entries: readonly AuditEntry[]): StrategyAudit {
  return {
    items: entries.map(({ atMs, by, action, version, details }) => ({
      at: new Date(atMs).toISOString(), by, action, version, details: { ...details },
    })),
  };
}
