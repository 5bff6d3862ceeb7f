import type { BrokerClient } from '@aisle/broker/nest';
import type { Runtime } from '@aisle/std';
import { Histogram, type Registry } from '@aisle/telemetry';

// Until there are tenants, everything runs under one, already in every key and envelope.
const TENANT = 'default';
const MANAGERS = 'basket-manager';
const DEADLINE_MS = 5_000;

/** Whom a command is for, and under which id and trace it runs. */
export interface Address {
  readonly market: string;
  readonly actor: string;
  readonly commandId: string;
  readonly traceparent: string;
}

/** Sends commands to the actors behind the broker, each with a deadline, and awaits their answers. */
export class CommandClient {
  private readonly latency: Histogram<'type'>;

  constructor(
    private readonly options: { broker: BrokerClient; runtime: Runtime; metrics: Registry },
  ) {
    this.latency = new Histogram({
      name: 'gateway_command_seconds',
      help: 'from sending a command to its answer',
      labelNames: ['type'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [options.metrics],
    });
  }

  /**
   * Resolves with the actor's answer. Rejects with the failure that the actor answered, or with
   * `unknown` when the deadline passes: the command may have been applied.
   */
  async send<T>(type: string, to: Address, body: unknown): Promise<T> {
    const { broker, runtime } = this.options;
    const sentAtMs = runtime.clock.monotonicMs();
    try {
      return await broker.request<T>(
        MANAGERS,
        {
          id: to.commandId,
          type,
          tenant: TENANT,
          market: to.market,
          actor: to.actor,
          traceparent: to.traceparent,
          deadlineMs: runtime.clock.nowMs() + DEADLINE_MS,
        },
        body,
      );
    } finally {
      this.latency.observe({ type }, (runtime.clock.monotonicMs() - sentAtMs) / 1_000);
    }
  }
}
