import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { BrokerServer } from '@aisle/broker/nest';

/** The queue that an app serves, if it serves one. */
export class ServedQueue {
  server: BrokerServer | undefined;

  /** The transport that Nest listens on. */
  get strategy(): CustomTransportStrategy {
    return this.server ?? NOTHING;
  }
}

/** An app without a queue is only started. */
const NOTHING: CustomTransportStrategy = {
  listen: (started: () => void) => started(),
  close: () => undefined,
};
