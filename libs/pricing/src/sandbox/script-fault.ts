import { StrategyFailed } from '../engine/answer.ts';

/**
 * How a script failed. `threw`: an exception. `ticks`: it worked too long. `memory`, `stack`: it used
 * too much of them. `asynchronous`: it answered with a promise. `contract`: its answer is not what
 * the contract asks for. `killed`: it did not end, where nobody else was. `suspended`: it did not end
 * here or elsewhere, and nobody waits until it had its second trial. `retired`: it failed too often and is no longer
 * asked.
 * `lines-missed`: it looked at the lines of a basket that came without; it is asked again with them.
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

/** A script's failure on one input, typed; its message is the engine's reason for skipping the rule. */
export class ScriptFault extends StrategyFailed {
  readonly code: FaultCode;
  /** What the script itself said, up to 200 characters; for its author, never for a shopper. */
  readonly text: string;

  constructor(code: FaultCode, text = '') {
    super(REASONS[code]);
    this.code = code;
    this.text = text;
  }
}
