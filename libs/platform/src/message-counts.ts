import type { BrokerServer, ProtocolEntryOptions } from '@aisle/broker/nest';
import { Counter, type Registry } from './telemetry/metrics.ts';

/** Counts messages that came to a process and entered it not. */
export interface MessageCounts {
  readonly refused: NonNullable<ProtocolEntryOptions['onRefused']>;
  /** Takes in what a server drops. */
  watch(server: Pick<BrokerServer, 'drops'>): void;
}

/** The label of a message that no protocol of the process has: what somebody else calls it may be anything. */
const UNKNOWN = 'unknown';

const COUNTS = new WeakMap<Registry, MessageCounts>();

/** The counts of a process, however many queues it serves. */
export function messageCounts(metrics: Registry): MessageCounts {
  let counts = COUNTS.get(metrics);
  if (!counts) COUNTS.set(metrics, (counts = register(metrics)));
  return counts;
}

function register(metrics: Registry): MessageCounts {
  const servers: Pick<BrokerServer, 'drops'>[] = [];
  const refusals = new Counter({
    name: 'messages_refused_total',
    help: 'messages that were answered with a failure and reached no handler, since their type, header or body was wrong',
    labelNames: ['type', 'why'],
    registers: [metrics],
  });
  new Counter({
    name: 'messages_dropped_total',
    help: 'messages after their deadline, and frames that could not be read: nobody is answered',
    labelNames: ['why'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { drops } of servers) {
        this.inc({ why: 'expired' }, drops.expired);
        this.inc({ why: 'corrupt' }, drops.corrupt);
      }
    },
  });
  return {
    refused: (why, message) => refusals.inc({ type: message?.type ?? UNKNOWN, why }),
    watch: (server) => void servers.push(server),
  };
}
