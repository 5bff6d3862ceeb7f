import { CONNECTION, part, provided } from '@aisle/platform';
import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONTEXT } from '../basket-manager.config.ts';
import { Managers } from './managers.ts';

@Module({ providers: [part('servers', 'managers', provided(Managers, [CONTEXT, CONNECTION]))] })
export class RoutingModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(Managers) private readonly managers: Managers) {}

  onApplicationBootstrap(): void {
    this.managers.show();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.managers.close();
  }
}
