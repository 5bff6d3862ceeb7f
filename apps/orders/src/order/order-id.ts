import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The id of the order that an idempotency key places. It is the key itself if that is a UUID, or else a UUID derived from it
 * (RFC 9562, version 8). The same key always gives the same id, so a retry finds its order.
 */
export function orderIdOf(tenant: string, key: string): string {
  if (UUID.test(key)) return key.toLowerCase();
  const hash = createHash('sha256').update(JSON.stringify([tenant, key])).digest();
  hash[6] = ((hash[6] as number) & 0x0f) | 0x80;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** The hash that distinguishes two payloads under one id. */
export function payloadHashOf(payload: unknown): string {
  return createHash('sha256').update(JSON.stringify(payload)).digest('base64url');
}
