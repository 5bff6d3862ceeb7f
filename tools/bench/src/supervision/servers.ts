/** The works of every contender. Each runs in a process of its own, by `serve.ts`. */
export interface Servers {
  /** Sequential requests to one server. */
  call(count: number): Promise<void>;
  /** Messages to one server, and a request that shows that they were handled. */
  cast(count: number): Promise<void>;
  /** Starts and stops servers with a name and, if the contender has any, a supervisor. */
  start(count: number): Promise<void>;
  /** Requests, each to the owner of one of 1,000 names. */
  lookup?(count: number): Promise<void>;
  /** Bytes of memory per idle server, measured with this number of them. */
  memory(count: number): Promise<number>;
  /** Microseconds from a kill to the next `init`, as a median. */
  restart?(count: number): Promise<number>;
}

export type Work = keyof Servers;
export const KEYS = 1_000;

/** Used heap after a full collection. */
export function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
