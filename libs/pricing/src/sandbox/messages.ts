import type { Meta, Priced } from '../strategy.ts';
import type { FaultCode, ScriptFault } from './script-fault.ts';
import type { TemplateSeat } from './template-seat.ts';

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
  readonly netsMinor: readonly number[];
  /** In a round, the target of each input. Earlier answers about the target have changed its net. */
  readonly targets?: readonly number[] | undefined;
}

/** Work for one script. */
export interface Task {
  readonly at: number;
  /** 0 if the calls do not depend on each other. */
  readonly round: number;
  /** The number that the worker knows the script by. */
  readonly script: number;
  /** Empty if the script is asked for its meta. */
  readonly calls: readonly Call[];
  /** Runs in a context of its own that is discarded afterwards, within the ticks of a trial. */
  readonly fresh: boolean;
}

/** The content of a message. */
export interface Sheet {
  readonly texts: readonly string[];
  readonly numbers: Float64Array;
}

/** Message to a worker. */
export interface Batch {
  /** Scripts that are dropped. */
  readonly drop: readonly number[];
  /** Scripts that the worker does not have yet. */
  readonly scripts: readonly (readonly [number: number, script: ScriptCode])[];
  /** Its tasks. */
  readonly sheet: Sheet;
}

/** Checked answers to `count` inputs, a fault that concerns all of them, or a script's meta. */
export type Part = {
  readonly count: number;
  /** In a round, the nets of the questions, which may differ from the given ones. */
  readonly netsMinor?: readonly number[] | undefined;
} & (
  | { readonly answers: readonly (Priced | ScriptFault)[] }
  | { readonly fault: FaultCode; readonly text: string }
  | { readonly meta: string }
);

/** The answers of a task. */
export interface TaskReport {
  readonly at: number;
  readonly parts: readonly Part[];
}

/** Message from a worker. */
export interface Report {
  /** Its task reports. */
  readonly sheet: Sheet;
  /** True if the batch is done. */
  readonly idle: boolean;
}

/** The data of a worker's start. */
export interface WorkerSeed {
  readonly wasm: WebAssembly.Module;
  /** `[0]` counts the steps that a worker has begun; `[1]` is its present task. */
  readonly beat: Int32Array;
  /** The template of the machines that scripts share. Without it each script has a memory of its own. */
  readonly seat: TemplateSeat | undefined;
}
