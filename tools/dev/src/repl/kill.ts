import type { Operations } from './operations.ts';
import type { Processes } from './processes.ts';
import { nameOf, type ConsumerLike } from './things.ts';

/** A process of the launcher, an actor by its name, or a consumer by its ref. */
export type Victim = number | ConsumerLike;

const KINDS = ['consumer', 'pipeline', 'basket', 'market', 'product'];

/** Kills a process of the launcher, or otherwise one actor. Its supervisor restarts it, or the next request does. */
export async function kill(
  { processes, operations }: { processes: Processes; operations: Operations }, victim: Victim, signal?: NodeJS.Signals,
): Promise<string> {
  const which = typeof victim === 'number' ? victim : await nameOf(victim);
  const isRef = typeof victim === 'object';
  const killed = isRef ? undefined : processes.kill(which, signal);
  if (killed !== undefined) return killed;
  if (typeof which === 'number') throw processes.unknown(which);
  const done = await operations.one('tree/kill', isRef ? { kind: 'consumer', name: which } : actorOf(which));
  if (!done) throw processes.unknown(which);
  const { server, id, pid } = done.answer['killed'] as { server: string; id: string; pid: number };
  return `killed ${server} ${id} (#${pid}) in ${done.app.instance}`;
}

/** `consumer otp-r`, or the name alone. */
function actorOf(text: string): object {
  const [kind = '', ...rest] = text.split(' ');
  return KINDS.includes(kind) && rest.length > 0 ? { kind, name: rest.join(' ') } : { name: text };
}
