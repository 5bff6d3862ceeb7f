import { StrategyFailed } from '../engine/answer.ts';

/**
 * The way a script failed.
 * - `threw`: it threw an exception.
 * - `ticks`: it worked too long.
 * - `memory`, `stack`: it used too much of it.
 * - `asynchronous`: it answered with a promise.
 * - `contract`: its answer breaks the contract.
 * - `killed`: it did not end in isolation.
 * - `suspended`: it did not end here or elsewhere, and callers go on until its second trial is over.
 * - `retired`: it failed too often and is no longer asked.
 * - `lines-missed`: it read the lines of a basket that came without them; it is asked again with them.
 */
export type FaultCode =
  | 'threw' | 'ticks' | 'memory' | 'stack' | 'asynchronous' | 'contract' | 'killed'
  | 'suspended' | 'retired' | 'lines-missed';

const REASONS: Record<FaultCode, string> = {
  threw: 'threw an error',
  ticks: 'worked too long',
  memory: 'used too much memory',
  stack: 'used too much stack',
  asynchronous: 'is asynchronous',
  contract: 'broke the contract',
  killed: 'did not end',
  suspended: 'did not end in time',
  retired: 'failed too often',
  'lines-missed': 'missed the lines of the basket',
};

/** A script's failure on one input. Its message is the engine's reason for skipping the rule. */
export class ScriptFault extends StrategyFailed {
  readonly code: FaultCode;
  /** The script's own text, up to 200 characters. For its author, never for a shopper. */
  readonly text: string;

  constructor(code: FaultCode, text = '') {
    super(REASONS[code]);
    this.code = code;
    this.text = text;
  }
}
