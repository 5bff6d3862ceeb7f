import type { RequestHeader, Requester } from '@aisle/broker';
import type { Incarnation } from '@aisle/platform';
import type { ClusterRegistry } from '@aisle/registry';
import { isFailure, sleep, type Runtime } from '@aisle/std';

/** A received message, which may have to be passed on. */
export interface ReceivedMessage {
  readonly header: Readonly<RequestHeader>;
  readonly body: unknown;
  /** The queue on which the message came; undefined for a request of this process itself. */
  readonly queue?: string;
}

/** The parts of `GroupHolders`. */
export interface GroupHoldersOptions {
  readonly clusterNames: ClusterRegistry;
  /** This incarnation, and the queue on which other processes pass messages on to it. */
  readonly incarnation: Pick<Incarnation, 'id' | 'queue'>;
  readonly requester: Pick<Requester, 'request'>;
  readonly runtime: Runtime;
}

/**
 * A process that has just died stays the holder until its lease ends. So each request to a holder waits only this long before
 * another lookup.
 */
const PATIENCE_MS = 400;
const PAUSE_MS = 25;
/** Failures after which another attempt is worthwhile: the name was just taken, or its server is being started again. */
const NAME_IS_MOVING = new Set(['registry.already_registered', 'name.moving']);

/**
 * Runs requests in the process of the group that holds a name. A request has to be idempotent under its id: if the holder does not
 * answer, the request is repeated, possibly in another holder.
 */
export class GroupHolders {
  constructor(private readonly options: GroupHoldersOptions) {}

  /**
   * Calls `runHere` if this process or none holds the name. Otherwise it passes the message on to the holder. It always calls
   * `runHere` for a message that another process has passed on, so that no message is passed on twice.
   */
  async atHolder<T>(key: string, { header, body, queue }: ReceivedMessage, runHere: () => Promise<T>): Promise<T> {
    const { clusterNames, incarnation, requester, runtime } = this.options;
    if (queue === incarnation.queue) return runHere();
    for (;;) {
      const holder = clusterNames.holds(key) ? undefined : await clusterNames.whereis(key);
      try {
        if (!holder || holder.incarnation === incarnation.id) return await runHere();
        const deadlineMs = Math.min(header.deadlineMs, runtime.clock.nowMs() + PATIENCE_MS);
        return await requester.request<T>(holder.queue, { ...header, deadlineMs }, body);
      } catch (failure) {
        const isElsewhere = holder !== undefined && holder.incarnation !== incarnation.id;
        const isOpen = isFailure(failure) && (NAME_IS_MOVING.has(failure.code) || (isElsewhere && UNCERTAIN.has(failure.kind)));
        if (!isOpen || runtime.clock.nowMs() + PAUSE_MS >= header.deadlineMs) throw failure;
      }
      await sleep(runtime, PAUSE_MS);
    }
  }
}

/** Kinds of failures after which the outcome is uncertain, and repeating the request is safe. */
const UNCERTAIN = new Set(['unavailable', 'unknown']);
