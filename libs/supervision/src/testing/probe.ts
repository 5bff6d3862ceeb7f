import type { Unchecked } from '../message/protocol.ts';
import type { Address, Ref } from '../message/ref.ts';
import type { Context } from '../process/context.ts';
import { noReply, ok } from '../process/outcome.ts';
import type { Monitor } from '../process/links.ts';
import { genServer } from '../server/gen-server.ts';
import type { System } from '../system.ts';

/** A process under a test's control: it records its messages, and links and monitors on command. */
export class Probe {
  /** Plain messages, `Down` and `Exit` messages, in order of arrival. */
  readonly received: Unchecked[] = [];
  private context!: Context;

  private constructor() {}

  /** Starts a probe. It traps exits, so that it survives its links. */
  static async start(system: System): Promise<Probe> {
    const probe = new Probe();
    await system.start(server.childSpec(probe));
    return probe;
  }

  get ref(): Ref<{ info: Unchecked }> {
    return this.context.self;
  }

  link(to: Address): void {
    this.context.link(to);
  }

  monitor(to: Address): Monitor {
    return this.context.monitor(to);
  }

  /** @internal */
  begin(context: Context): void {
    this.context = context;
  }
}

const server = genServer<{ info: Unchecked }, Probe, Probe>({
  name: 'Probe',
  trapExit: true,
  init: (probe, ctx) => {
    probe.begin(ctx);
    return ok(probe);
  },
  handleInfo: (probe, message) => {
    probe.received.push(message);
    return noReply(probe);
  },
});
