/** A batch on its way to a worker. */
export interface Job {
  readonly id: number;
  readonly events: readonly unknown[];
}

/** What came of it. */
export type WorkerReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: unknown };
