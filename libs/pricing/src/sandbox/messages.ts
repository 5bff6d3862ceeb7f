import type { Meta } from '../strategy.ts';
import type { FaultCode } from './script-fault.ts';

/** The data by which a worker runs a version of a script. */
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

/** Inputs with one context. */
export interface Call {
  /** JSON text. */
  readonly ctx: string;
  /** Encoded; a single input for a basket. */
  readonly inputs: string;
  /** One net for each input. */
  readonly netsMinor: Float64Array;
  /** In a round, the target of each input. Earlier answers about the target have changed its net. */
  readonly targets?: readonly number[] | undefined;
}

/** Work for one script context. */
export interface Task {
  readonly at: number;
  /** 0 if the calls do not depend on each other. */
  readonly round: number;
  readonly sha256: string;
  /** Sent until the worker has it, and for a fresh context. */
  readonly script: ScriptCode | undefined;
  /** Empty if the script is asked for its meta. */
  readonly calls: readonly Call[];
  /** Runs in a context of its own that is discarded afterwards, within the ticks of a trial. */
  readonly fresh: boolean;
}

/** Message to a worker. */
export interface Batch {
  /** Versions whose contexts are dropped. */
  readonly drop: readonly string[];
  readonly tasks: readonly Task[];
}

/** Answers to `count` inputs, checked and encoded; or a fault that concerns all of them. */
export type Part = {
  readonly count: number;
  /** In a round, the nets of the questions, which may differ from the given ones. */
  readonly netsMinor?: Float64Array | undefined;
} & (
  | { readonly words: readonly string[]; readonly numbers: Float64Array<ArrayBuffer> }
  | { readonly fault: FaultCode; readonly text: string }
);

/** Message from a worker. */
export interface Report {
  readonly answers: readonly { readonly at: number; readonly parts: readonly Part[] }[];
  /** True if the batch is done. */
  readonly idle: boolean;
}

/** The data of a worker's start. */
export interface WorkerSeed {
  readonly wasm: WebAssembly.Module;
  /** `[0]` counts the steps that a worker has begun; `[1]` is its present task. */
  readonly beat: Int32Array;
}
