import { APP_CONTEXT } from '@aisle/platform';
import { ShutdownPlan } from '@aisle/std';
import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { BasketManagerContext } from '../basket-manager.config.ts';
import { GROUPS, ManagedGroup } from './managed-group.ts';
import { ManagedGroups } from './managed-groups.ts';

/** A manager of each group that this process serves. */
@Module({
  providers: [{
    provide: ManagedGroups,
    inject: [APP_CONTEXT, ShutdownPlan],
    useFactory(context: BasketManagerContext, plan: ShutdownPlan): ManagedGroups {
      const served = GROUPS.filter(({ group }) => context.config.SHARD_GROUPS.includes(group));
      const groups = served.map((one) => new ManagedGroup(context, one));
      for (const { group, manager } of groups) plan.add({ phase: 'servers', name: `${group} manager`, stop: () => manager.stop() });
      return new ManagedGroups(groups);
    },
  }],
})
export class RoutingModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(ManagedGroups) private readonly groups: ManagedGroups,
    @Inject(APP_CONTEXT) private readonly context: BasketManagerContext,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.groups.start();
    this.groups.show(this.context);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.groups.close();
  }
}
