/** A batch for a worker. */
export interface Job {
  readonly id: number;
  readonly events: readonly unknown[];
}

/** The result of a batch, or its error. */
export type WorkerReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: unknown };
