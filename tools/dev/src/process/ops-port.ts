import { credential } from './credential.ts';

/** A process of ours, with its address for questions. */
export interface Reachable {
  readonly opsUrl: string;
  /** The value of its `LAUNCH_ID`. */
  readonly launchId: string;
}

/** The exit code of an app that finds one of its ports taken. */
export const PORT_TAKEN_CODE = 69;

/** The exit code of an app whose database or Redis is away or too busy: the same start may succeed later. */
export const TRY_AGAIN_CODE = 75;

/**
 * Asks a process on its ops port, by POST if there is a body. Undefined if it does not answer in time, or if another
 * process answers.
 */
export async function ask(
  { opsUrl, launchId }: Reachable, path: string, withinMs: number, body?: object,
): Promise<Response | undefined> {
  const headers = { ...credential(), ...(body ? { 'content-type': 'application/json' } : {}) };
  const post = body && { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${opsUrl}${path}`, { signal: AbortSignal.timeout(withinMs), headers, ...post }).catch(() => undefined);
  return response?.headers.get('x-launch-id') === launchId ? response : undefined;
}
