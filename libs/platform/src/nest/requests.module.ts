import { RequesterModule } from '@aisle/broker/nest';
import { Module } from '@nestjs/common';
import type { AppContext } from '../run-app.ts';
import { APP_CONTEXT, Incarnation } from './platform.module.ts';

/** Provides the `Requester` by which an app sends requests to others. Answers arrive on a queue of this process. */
@Module({
  imports: [
    RequesterModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      useFactory: ({ transport, runtime }: AppContext<unknown>, { queue }: Incarnation) => ({ transport, runtime, replyQueue: `${queue}-replies` }),
    }),
  ],
})
export class RequestsModule {}
