import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_V7_AT_END = /([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const FORM = { uuid: 0, text: 1 };
const CACHED_MAX = 10_000;

/** A command id as stored: one byte for the form, then a UUID's 16 bytes or the text. */
export function storedCommandId(id: string): Buffer {
  if (UUID.test(id)) return Buffer.from(`00${id.replaceAll('-', '')}`, 'hex');
  const text = Buffer.from(`?${id}`);
  text[0] = FORM.text;
  return text;
}

/** What `storedCommandId` was given. */
export function commandIdFrom(stored: Buffer): string {
  if (stored[0] === FORM.text) return stored.toString('utf8', 1);
  const hex = stored.toString('hex', 1);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const cache = new Map<string, Buffer>();

/**
 * The 16 bytes under which an actor stands in the indexes: SHA-256 of its name, cut, since each index
 * stores its key about twice in the log. The id of a UUID version 7 keeps its time in front, so that what is
 * busy together lies together: fewer pages touched, fewer page images after a checkpoint.
 */
export function storedActor(actor: string): Buffer {
  const known = cache.get(actor);
  if (known) return known;
  const key = createHash('sha256').update(actor).digest().subarray(0, 16);
  const time = UUID_V7_AT_END.exec(actor);
  if (time) key.write(`${time[1]}${time[2]}`, 'hex');
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(actor, key);
  return key;
}
