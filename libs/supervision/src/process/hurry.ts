import type { Timer } from '@aisle/std';
import { SHUTDOWN_MS, type ChildSpec } from '../supervisor/child-spec.ts';

/** What is seen here of a process that starts. */
interface Starting {
  readonly behaviour: { readonly type: 'worker' | 'supervisor' };
  readonly spec: ChildSpec;
  readonly isStarting: boolean;
  readonly children: ReadonlySet<Starting> | undefined;
  readonly system: { readonly runtime: { readonly timers: { after(delayMs: number, run: () => void, options?: { background?: boolean }): Timer } } };
  die(reason: 'killed'): void;
}

/**
 * For a supervisor that is asked to end while it starts or restarts children: those whose `init` still runs get the time of
 * their shutdown to finish, and are killed then. Else an `init` that hangs would keep its supervisor from ending, and the
 * siblings from their `terminate`.
 */
export function hurryStarts({ behaviour, children }: Starting): void {
  if (behaviour.type !== 'supervisor') return;
  for (const child of children ?? []) if (child.isStarting) hurryStart(child);
}

function hurryStart(child: Starting): void {
  if (child.behaviour.type === 'supervisor') return hurryStarts(child);
  const { shutdown = SHUTDOWN_MS } = child.spec;
  const kill = (): void => {
    if (child.isStarting) child.die('killed');
  };
  if (shutdown === 'brutal_kill') kill();
  else if (shutdown !== 'infinity') child.system.runtime.timers.after(shutdown, kill, { background: true });
}
