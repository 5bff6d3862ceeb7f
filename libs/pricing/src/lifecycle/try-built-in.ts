import { readMoment } from '../engine/scope.ts';
import { ctxOf } from '../engine/selection.ts';
import { ScriptFault } from '../sandbox/script-fault.ts';
import type { ActiveStrategy } from '../strategy.ts';
import type { Answered } from '../sandbox/script.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** Tries a configured built-in in process, with the interface by which the sandbox tries a script. */
export function inProcess({ meta, price }: ActiveStrategy): Pick<Sandbox, 'try'> {
  return {
    async try(_version, trials) {
      return trials.map(({ input, context }): Answered => {
        try {
          return price(input, ctxOf(meta, context, readMoment(context.now))) as Answered;
        } catch (thrown) {
          return new ScriptFault('threw', (thrown as Error).message);
        }
      });
    },
  };
}
