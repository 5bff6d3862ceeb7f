import type { Strategy, StrategyAudit, StrategyList, StrategySimulation, StrategyVersion } from '@aisle/contracts';
import {
  stateOf, type AuditEntry, type Simulation, type StoredStrategies, type StrategyRecord, type VersionRecord,
} from '@aisle/pricing/lifecycle';

/** Strategies as the API shows them: no source, and times as texts. */
export function strategyView({ name, revision, active, shadow, canary, before }: StrategyRecord): Strategy {
  return { name, revision, active: active ?? null, shadow: shadow ?? null, canary: canary ?? null, before: [...before] };
}

export function listView({ revision, strategies }: StoredStrategies): StrategyList {
  return { revision, items: strategies.map(strategyView) };
}

export function versionView(record: StrategyRecord, version: VersionRecord): StrategyVersion {
  const { sha256, meta, createdAtMs, createdBy, retired } = version;
  return {
    name: record.name, version: version.version, sha256, kind: meta.kind, scope: { ...meta.scope },
    state: stateOf(record, version.version), createdAt: new Date(createdAtMs).toISOString(), createdBy,
    ...(retired === undefined ? {} : { retired }),
  };
}

export function auditView(entries: readonly AuditEntry[]): StrategyAudit {
  return {
    items: entries.map(({ atMs, by, action, version, details }) => ({
      at: new Date(atMs).toISOString(), by, action, version, details: { ...details },
    })),
  };
}

export function simulationView(simulation: Simulation, currency: string): StrategySimulation {
  const money = (amount: number): { amount: number; currency: string } => ({ amount, currency });
  const { baskets, changed, degraded, differenceMinor, histogram } = simulation;
  return {
    baskets, changed, degraded, difference: money(differenceMinor),
    histogram: histogram.map(({ fromMinor, toMinor, baskets: count }) => ({
      from: money(fromMinor), to: money(toMinor), baskets: count,
    })),
  };
}
