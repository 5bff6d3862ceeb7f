import { ask, type Reachable } from '../process/ops-port.ts';

/** The reason why a process is not ready, as a phrase; undefined once it is. */
export async function notReady(process: Reachable, withinMs: number): Promise<string | undefined> {
  const response = await ask(process, '/health/ready', withinMs);
  if (response === undefined) return 'it does not answer on its ops port yet';
  if (response.ok) return undefined;
  const { phase, problems } = (await response.json().catch(() => ({}))) as { phase?: string; problems?: Record<string, string> };
  const red = Object.entries(problems ?? {}).map(([check, problem]) => `${check}: ${problem}`);
  if (phase === 'stopping') return 'it is stopping';
  return red.length === 0 ? 'it is starting' : red.join(', ');
}
