import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { send, type ShopRequest } from './shop-http.ts';

const PATIENCE_MS = 30_000;
const AGAIN_MS = 250;

/**
 * Asks under one key until it is answered with success, or refused because it is done already. Rejects after half a
 * minute.
 */
export async function askUntilDone<T extends object>(gatewayUrl: () => string | undefined, request: ShopRequest): Promise<T> {
  const key = request.method === 'GET' ? undefined : randomUUID();
  for (const untilMs = Date.now() + PATIENCE_MS; ;) {
    const answer = await send(gatewayUrl(), { ...request, key });
    if (answer.kind === 'answered' && (answer.status < 300 || answer.status === 409)) return answer.body as T;
    if (Date.now() > untilMs) throw new Error(`${request.method} ${request.path} was not done in time: ${JSON.stringify(answer)}`);
    await sleep(AGAIN_MS);
  }
}
