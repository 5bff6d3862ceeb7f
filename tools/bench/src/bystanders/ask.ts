import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 250;

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** A text is sent as NDJSON, anything else as JSON. */
export async function ask(gatewayUrl: string, method: string, path: string, body?: unknown): Promise<Reply> {
  const isText = typeof body === 'string';
  const response = await fetch(`${gatewayUrl}${path}`, {
    method,
    ...(body === undefined ? {} : {
      headers: { 'content-type': isText ? 'application/x-ndjson' : 'application/json' }, body: isText ? body : JSON.stringify(body),
    }),
  });
  return { status: response.status, text: await response.text() };
}

/** Repeats while the answer asks for a retry, or a prerequisite is not known yet. Rejects when it is refused. */
export async function askUntilDone(gatewayUrl: string, method: string, path: string, body?: unknown): Promise<void> {
  for (;;) {
    const { status, text } = await ask(gatewayUrl, method, path, body);
    if (status < 400) return;
    if (![404, 422, 503, 504].includes(status) || /input|basket\.full/.test(text)) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`);
    await sleep(RETRY_MS);
  }
}
