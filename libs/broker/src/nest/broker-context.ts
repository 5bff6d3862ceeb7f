import { BaseRpcContext } from '@nestjs/microservices';

import { decodeBody, type Envelope, type EnvelopeHeader } from '../envelope.ts';

/** The context of a message, which `@Ctx()` passes to a handler: its header, its queue and its raw body. */
export class BrokerContext extends BaseRpcContext<[envelope: Envelope, queue: string]> {
  get envelope(): Readonly<EnvelopeHeader> {
    return this.args[0];
  }

  /** The queue on which the message came. */
  get queue(): string {
    return this.args[1];
  }

  /** The body as it was received, including unknown fields of a newer sender, for handlers that pass the message on. */
  get body(): unknown {
    return decodeBody(this.args[0].body);
  }
}
