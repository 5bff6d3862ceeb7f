import type { Timer } from '@aisle/std';
import { SHUTDOWN_MS, type ChildSpec } from '../supervisor/child-spec.ts';

/** The part of a starting process that is used here. */
interface Starting {
  readonly behaviour: { readonly type: 'worker' | 'supervisor' };
  readonly spec: ChildSpec;
  readonly isStarting: boolean;
  readonly children: ReadonlySet<Starting> | undefined;
  readonly system: { readonly runtime: { readonly timers: { after(delayMs: number, run: () => void, options?: { background?: boolean }): Timer } } };
  die(reason: 'killed'): void;
}

/**
 * For a supervisor that is asked to end while it starts or restarts children. Children whose `init` still runs get
 * their shutdown time to finish, and are then killed. Otherwise a hanging `init` would keep the supervisor from ending,
 * and its siblings from their `terminate`.
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
