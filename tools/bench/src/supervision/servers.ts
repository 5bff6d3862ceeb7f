/** What every contender can do; each in a process of its own, which `serve.ts` runs. */
export interface Servers {
  /** So many requests to one server, one after the other. */
  call(count: number): Promise<void>;
  /** So many messages to one server, and a request that shows they were handled. */
  cast(count: number): Promise<void>;
  /** Starts and stops so many servers that have a name and, where there are any, a supervisor. */
  start(count: number): Promise<void>;
  /** So many requests, each to the bearer of one of 1,000 names. */
  lookup?(count: number): Promise<void>;
  /** Bytes of memory an idle server takes, out of so many. */
  memory(count: number): Promise<number>;
  /** Microseconds from a kill to the next `init`, the median of so many. */
  restart?(count: number): Promise<number>;
}

export type Work = keyof Servers;
export const KEYS = 1_000;

/** Heap that is in use after a full collection. */
export function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
