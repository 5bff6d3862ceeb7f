import type { Registry } from '@aisle/registry';
import { failures, isFailure } from '@aisle/std';
import {
  ChildFailure, DynamicSupervisor, ProcessFailure, type Address, type ChildSpec, type Protocol, type Ref, type ServerExited,
  type Unchecked,
} from '@aisle/supervision';

/** Failures of a name. */
export const NameFailure = failures('name', {
  /** The server of the name is being restarted, here or elsewhere. A retry finds it. */
  moving: ['unavailable', 'the server of this name is being restarted', () => ({ retryAfterMs: 500 })],
});

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
        if (tries === TRIES || !NameFailure.moving.is(failure)) throw failure;
      }
    }
  }
}

/** What the end of a server means to whoever waited for its answer. */
function meaningOf(thrown: unknown): unknown {
  if (!isFailure(thrown)) return thrown;
  // Another request has started it, or its supervisor is just about to.
  if (ProcessFailure.noproc.is(thrown) || ChildFailure.ignored.is(thrown)) return NameFailure.moving();
  if (!ProcessFailure.exited.is(thrown)) return thrown;
  const { reason } = thrown as ServerExited;
  if (typeof reason !== 'object') return NameFailure.moving();
  if ('error' in reason) return new Error('the server crashed', { cause: thrown });
  return isFailure(reason.shutdown) ? reason.shutdown : NameFailure.moving();
}
