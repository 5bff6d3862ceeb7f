import { BaseRpcContext } from '@nestjs/microservices';

import type { Envelope, EnvelopeHeader } from '../envelope.ts';

/** What `@Ctx()` gives a handler: who asks, for which actor, until when. */
export class BrokerContext extends BaseRpcContext<[Envelope]> {
  get envelope(): Readonly<EnvelopeHeader> {
    return this.args[0];
  }
}
