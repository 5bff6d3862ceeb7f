import type { Registry } from '@aisle/registry';
import { Failure, isFailure } from '@aisle/std';
import {
  DynamicSupervisor, type Address, type ChildSpec, type Protocol, type Ref, type ServerExited, type Unchecked,
} from '@aisle/supervision';

/** Whoever bears the name is being brought back, here or elsewhere; the same again finds it. */
export class ServerMoving extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'name.moving';
  constructor() {
    super('whoever bears the name is being brought back', { retryAfterMs: 500 });
  }
}

const TRIES = 3;

/**
 * Servers of this process that are found by name, and started when they are asked for. Such a server registers
 * itself in `init`, and claims its name and loads before it takes messages; it ends with `{ shutdown: <a failure> }`
 * where that is not to be, and whoever asked gets the failure.
 */
export class NamedServers<P extends Protocol> {
  constructor(
    /** The names that are borne in this process. */
    private readonly here: Registry<P, undefined>,
    private readonly supervisor: Address,
  ) {}

  /** Asks a server, which has to take the same message twice for once: what one that died may have done, the next finds. */
  async ask<T>(key: string, spec: () => ChildSpec<Unchecked, P>, send: (server: Ref<P>) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await send(this.here.whereis(key) ?? (await DynamicSupervisor.startChild(this.supervisor, spec())));
      } catch (thrown) {
        const failure = meaningOf(thrown);
        if (tries === TRIES || !(failure instanceof ServerMoving)) throw failure;
      }
    }
  }
}

/** What the end of a server means to whoever waited for its answer. */
function meaningOf(thrown: unknown): unknown {
  if (!isFailure(thrown)) return thrown;
  // Another request has started it, or its supervisor is just about to.
  if (thrown.code === 'process.noproc' || thrown.code === 'child.ignored') return new ServerMoving();
  if (thrown.code !== 'process.exited') return thrown;
  const { reason } = thrown as ServerExited;
  if (typeof reason !== 'object') return new ServerMoving();
  if ('error' in reason) return new Error('the server crashed', { cause: thrown });
  return isFailure(reason.shutdown) ? reason.shutdown : new ServerMoving();
}
