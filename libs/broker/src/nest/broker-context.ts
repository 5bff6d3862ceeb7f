import { BaseRpcContext } from '@nestjs/microservices';

import { decodeBody, type Envelope, type EnvelopeHeader } from '../envelope.ts';

/** What `@Ctx()` gives a handler: who asks, for which actor, until when. */
export class BrokerContext extends BaseRpcContext<[envelope: Envelope, queue: string]> {
  get envelope(): Readonly<EnvelopeHeader> {
    return this.args[0];
  }

  /** The queue on which it came. */
  get queue(): string {
    return this.args[1];
  }

  /** The body as it came, with whatever a newer sender says in it; for those who send the message on. */
  get body(): unknown {
    return decodeBody(this.args[0].body);
  }
}
