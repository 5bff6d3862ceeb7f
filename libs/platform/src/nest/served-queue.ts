import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { BrokerServer } from '@aisle/broker/nest';

/** Holds the queue that an app serves, if it serves one. */
export class ServedQueue {
  server: BrokerServer | undefined;

  /** The transport that Nest listens on. */
  get strategy(): CustomTransportStrategy {
    return this.server ?? NOTHING;
  }
}

/** For an app without a queue, which listens on nothing. */
const NOTHING: CustomTransportStrategy = {
  listen: (started: () => void) => started(),
  close: () => undefined,
};
