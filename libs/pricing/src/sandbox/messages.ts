import type { Meta } from '../strategy.ts';
import type { FaultCode } from './script-fault.ts';

/** What a worker needs to run a version of a script. */
export interface ScriptCode {
  readonly sha256: string;
  /** A script that leaves its exports in the global `strategy`. */
  readonly code: string;
  readonly kind: Meta['kind'];
  readonly stack: Meta['stack'];
  readonly surcharge: boolean;
  /** JSON text, from the meta that was read when the version was validated. */
  readonly params: string;
}

/** Inputs of one context. */
export interface Call {
  /** JSON text. */
  readonly ctx: string;
  /** Encoded; a single one for a basket. */
  readonly inputs: string;
  /** One for each input. */
  readonly netsMinor: Float64Array;
  /** In a round, what each input is about: earlier answers about it have changed its net. */
  readonly targets?: readonly number[] | undefined;
}

/** Work for one context. */
export interface Task {
  readonly at: number;
  /** 0 where nothing follows from anything. */
  readonly round: number;
  readonly sha256: string;
  /** Only until the worker has it, or for a fresh context. */
  readonly script: ScriptCode | undefined;
  /** None: the script is asked for its meta. */
  readonly calls: readonly Call[];
  /** In a context of its own that is thrown away afterwards, and within the ticks of a trial. */
  readonly fresh: boolean;
}

/** To a worker. */
export interface Batch {
  /** Versions whose contexts go. */
  readonly drop: readonly string[];
  readonly tasks: readonly Task[];
}

/** Answers to `count` inputs, checked and encoded; or what went wrong with all of them. */
export type Part = {
  readonly count: number;
  /** In a round, what they were asked about, which may not be as given. */
  readonly netsMinor?: Float64Array | undefined;
} & (
  | { readonly words: readonly string[]; readonly numbers: Float64Array<ArrayBuffer> }
  | { readonly fault: FaultCode; readonly text: string }
);

/** From a worker. */
export interface Report {
  readonly answers: readonly { readonly at: number; readonly parts: readonly Part[] }[];
  /** The batch is done. */
  readonly idle: boolean;
}

/** How a worker is started. */
export interface WorkerSeed {
  readonly wasm: WebAssembly.Module;
  /** `[0]` counts the steps a worker has begun, `[1]` is the task it is at. */
  readonly beat: Int32Array;
}
