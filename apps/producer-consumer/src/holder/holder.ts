import type { RequestHeader, Requester } from '@aisle/broker';
import type { Incarnation } from '@aisle/platform';
import type { ClusterRegistry } from '@aisle/registry';
import { isFailure, sleep, type Runtime } from '@aisle/std';

/** A message as it came. */
export interface Message {
  readonly header: Readonly<RequestHeader>;
  readonly body: unknown;
  /** The queue on which it came; a process asks itself by none. */
  readonly queue?: string;
}

export interface GroupHoldersOptions {
  readonly everywhere: ClusterRegistry;
  /** This process, and the queue on which others pass messages on to it. */
  readonly incarnation: Pick<Incarnation, 'id' | 'queue'>;
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
export class GroupHolders {
  constructor(private readonly options: GroupHoldersOptions) {}

  /**
   * Runs `here` if the name is borne here or nowhere; else asks the process that bears it, with the same message. A message that
   * another process has passed on runs here in any case: nothing is passed on twice.
   */
  async atHolder<T>(key: string, { header, body, queue }: Message, here: () => Promise<T>): Promise<T> {
    const { everywhere, incarnation, requester, runtime } = this.options;
    if (queue === incarnation.queue) return here();
    for (;;) {
      const holder = everywhere.holds(key) ? undefined : await everywhere.whereis(key);
      try {
        if (!holder || holder.incarnation === incarnation.id) return await here();
        const deadlineMs = Math.min(header.deadlineMs, runtime.clock.nowMs() + PATIENCE_MS);
        return await requester.request<T>(holder.queue, { ...header, deadlineMs }, body);
      } catch (failure) {
        const isElsewhere = holder !== undefined && holder.incarnation !== incarnation.id;
        const isOpen = isFailure(failure) && (WORTH_A_MOMENT.has(failure.code) || (isElsewhere && OPEN.has(failure.kind)));
        if (!isOpen || runtime.clock.nowMs() + PAUSE_MS >= header.deadlineMs) throw failure;
      }
      await sleep(runtime, PAUSE_MS);
    }
  }
}

/** After these nobody knows whether it was done, but that asking again is safe. */
const OPEN = new Set(['unavailable', 'unknown']);
