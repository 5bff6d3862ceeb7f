import type { RequestHeader, Requester } from '@aisle/broker';
import type { ClusterRegistry } from '@aisle/cluster';
import { isFailure, sleep, type Runtime } from '@aisle/std';

/** The injection token of `Holders`. */
export const HOLDERS = Symbol('who has which name');

/** Who has a name, and how to ask there. */
export interface Holders {
  /** Runs `here` if the name is borne here or nowhere; else asks the process that bears it, with the same message. */
  atHolder<T>(key: string, message: Message, here: () => Promise<T>): Promise<T>;
}

/** A message as it came. */
export interface Message {
  readonly header: Readonly<RequestHeader>;
  readonly body: unknown;
}

export interface GroupHoldersOptions {
  readonly everywhere: ClusterRegistry;
  readonly incarnation: string;
  readonly requester: Pick<Requester, 'request'>;
  readonly runtime: Runtime;
}

/** A process that has just died is still the holder for a lease and its margin: it is asked for so long, then again who it is. */
const PATIENCE_MS = 400;
const PAUSE_MS = 25;
/** Somebody else has taken the name just now; or whoever bears it is being brought back. */
const WORTH_A_MOMENT = new Set(['registry.already_registered', 'name.moving']);

/**
 * Finds the process of the group that bears a name. What is asked has to be safe to repeat under its id: when a
 * holder is silent, it is asked again, or whoever bears the name by then.
 */
export class GroupHolders implements Holders {
  constructor(private readonly options: GroupHoldersOptions) {}

  async atHolder<T>(key: string, { header, body }: Message, here: () => Promise<T>): Promise<T> {
    const { everywhere, incarnation, requester, runtime } = this.options;
    for (;;) {
      const holder = everywhere.holds(key) ? undefined : await everywhere.whereis(key);
      try {
        if (!holder || holder.incarnation === incarnation) return await here();
        const deadlineMs = Math.min(header.deadlineMs, runtime.clock.nowMs() + PATIENCE_MS);
        return await requester.request<T>(holder.queue, { ...header, deadlineMs }, body);
      } catch (failure) {
        const isElsewhere = holder !== undefined && holder.incarnation !== incarnation;
        const isOpen = isFailure(failure) && (WORTH_A_MOMENT.has(failure.code) || (isElsewhere && OPEN.has(failure.kind)));
        if (!isOpen || runtime.clock.nowMs() + PAUSE_MS >= header.deadlineMs) throw failure;
      }
      await sleep(runtime, PAUSE_MS);
    }
  }
}

/** After these nobody knows whether it was done, but that asking again is safe. */
const OPEN = new Set(['unavailable', 'unknown']);

/** For what comes from another process, which took this one for the holder: nothing is sent on twice. */
export const holdersHere: Holders = {
  atHolder: (_key, _message, here) => here(),
};
