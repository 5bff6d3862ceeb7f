import type { BrokerServer, ProtocolEntryOptions } from '@aisle/broker/nest';
import { Counter, type Registry } from './telemetry/metrics.ts';

/** Counts the messages that a process received and did not handle. */
export interface MessageCounts {
  readonly refused: NonNullable<ProtocolEntryOptions['onRefused']>;
  /** Adds a server's dropped frames to the counts. */
  watch(server: Pick<BrokerServer, 'drops'>): void;
}

/** The label of messages that no protocol of the process declares. Their own types come from outside and may be anything. */
const UNKNOWN = 'unknown';

const COUNTS = new WeakMap<Registry, MessageCounts>();

/** The counts of a process. All queues that it serves share them. */
export function messageCounts(metrics: Registry): MessageCounts {
  let counts = COUNTS.get(metrics);
  if (!counts) COUNTS.set(metrics, (counts = register(metrics)));
  return counts;
}

function register(metrics: Registry): MessageCounts {
  const servers: Pick<BrokerServer, 'drops'>[] = [];
  const refusals = new Counter({
    name: 'messages_refused_total',
    help: 'messages with a wrong type, header or body, which were answered with a failure and reached no handler',
    labelNames: ['type', 'why'],
    registers: [metrics],
  });
  new Counter({
    name: 'messages_dropped_total',
    help: 'messages past their deadline and unreadable frames, which were not answered',
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
