import { Gauge } from '@aisle/telemetry';
import type { BasketManagerContext } from '../basket-manager.config.ts';
import type { ManagedGroup } from './managed-group.ts';

/** All groups that this process serves. */
export class ManagedGroups {
  constructor(private readonly groups: readonly ManagedGroup[]) {}

  /** Takes commands. Throws what the storage of a group throws. */
  async start(): Promise<void> {
    await Promise.all(this.groups.map(({ manager }) => manager.start()));
  }

  /** Health of each group, the view `/ops/routes`, and the metric `manager_commands_held`. */
  show({ health, metrics, view }: Pick<BasketManagerContext, 'health' | 'metrics' | 'view'>): void {
    const { groups } = this;
    for (const group of groups) group.showHealth(health);
    new Gauge({
      name: 'manager_commands_held',
      help: 'commands that wait for an owner',
      labelNames: ['group'],
      registers: [metrics],
      collect() {
        for (const { group, manager } of groups) this.set({ group }, manager.holding);
      },
    });
    view('routes', () => Object.fromEntries(groups.map(({ group, manager }) => [group, manager.routes])));
  }

  /** The end of their connections. */
  async close(): Promise<void> {
    await Promise.all(this.groups.map((group) => group.close()));
  }
}
