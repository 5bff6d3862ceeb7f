import { failures } from '@aisle/std';
import type { FoundProcess, System } from '@aisle/supervision';
import { z } from 'zod';
import type { AppContext } from './run-app.ts';

const CANDIDATES_MAX = 10;

const ProcessFailure = failures('process', {
  /** No process of this program bears the name. */
  unknown: ['missing', 'no process here has this name', (wanted: Wanted) => ({ ...wanted })],
  /** Several processes bear the name; `candidates` are some of them. */
  ambiguous: [
    'conflict', 'several processes have this name; say pid, or kind',
    (wanted: Wanted, found: readonly FoundProcess[]) => ({ ...wanted, candidates: found.slice(0, CANDIDATES_MAX).map(viewOf) }),
  ],
});

const Wanted = z.union([
  z.strictObject({ pid: z.int().min(1) }),
  z.strictObject({
    name: z.string().min(1).meta({ description: 'the id of the process, or the last part of the id after a slash' }),
    kind: z.string().min(1).optional().meta({ description: 'a part of the name of the server module, such as consumer' }),
  }),
]);
type Wanted = z.infer<typeof Wanted>;

/**
 * Adds the supervision tree of a program to its ops port. The view `tree` shows it. The operation `tree/kill` kills one process
 * as a crash would, so that an operator can watch its supervisor restart it.
 */
export function showTree({ view, operation }: Pick<AppContext<unknown>, 'view' | 'operation'>, system: Pick<System, 'observe' | 'find'>): void {
  view('tree', () => system.observe());
  operation('tree/kill', Wanted, (wanted) => {
    const [found, ...others] = system.find((process) => isWanted(process, wanted));
    if (!found) throw ProcessFailure.unknown(wanted);
    if (others.length > 0) throw ProcessFailure.ambiguous(wanted, [found, ...others]);
    found.ref.exit('kill');
    return { killed: viewOf(found) };
  });
}

function isWanted({ pid, id, server }: Pick<FoundProcess, 'pid' | 'id' | 'server'>, wanted: Wanted): boolean {
  if ('pid' in wanted) return pid === wanted.pid;
  const { name, kind = '' } = wanted;
  return (id === name || id.endsWith(`/${name}`)) && server.toLowerCase().includes(kind.toLowerCase());
}

function viewOf({ pid, id, server }: FoundProcess): object {
  return { pid, id, server };
}
