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
 * Finds servers of this process by name, and starts them on demand. Such a server registers itself in `init`, and claims its name
 * and loads its state before it takes messages. If that fails, it ends with `{ shutdown: <a failure> }`, and the request rejects with
 * this failure.
 */
export class NamedServers<P extends Protocol> {
  constructor(
    /** The names that this process holds. */
    private readonly localNames: Registry<P, undefined>,
    private readonly supervisor: Address,
  ) {}

  /** Sends a message to a server. The message has to be idempotent, because it is sent again if the server dies before its answer. */
  async ask<T>(key: string, spec: () => ChildSpec<Unchecked, P>, send: (server: Ref<P>) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await send(this.localNames.whereis(key) ?? (await DynamicSupervisor.startChild(this.supervisor, spec())));
      } catch (thrown) {
        const failure = failureOfRequest(thrown);
        if (tries === TRIES || !NameFailure.moving.is(failure)) throw failure;
      }
    }
  }
}

/** Translates the end of a server into the failure of a request that waited for its answer. */
function failureOfRequest(thrown: unknown): unknown {
  if (!isFailure(thrown)) return thrown;
  // Another request has started it, or its supervisor is about to.
  if (ProcessFailure.noproc.is(thrown) || ChildFailure.ignored.is(thrown)) return NameFailure.moving();
  if (!ProcessFailure.exited.is(thrown)) return thrown;
  const { reason } = thrown as ServerExited;
  if (typeof reason !== 'object') return NameFailure.moving();
  if ('error' in reason) return new Error('the server crashed', { cause: thrown });
  return isFailure(reason.shutdown) ? reason.shutdown : NameFailure.moving();
}
