import { createHash } from 'node:crypto';
import { utf8BytesMax } from './binary-array.ts';
import type { ElementType } from './binary-array.ts';

const UUID_V7_AT_END = /([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const UUID_BYTES = 16;
const FORM = { uuid: 0, text: 1 };
const GENERATION_MAX = 30_000;

/** The stored form of a command id: one byte for the form, then a UUID's 16 bytes or the text. */
export const commandIdBytes: ElementType<string> = {
  oid: 17,
  bytesMax: (id) => 1 + utf8BytesMax(id),
  write: (target, id, at) => {
    if (writeUuid(target, id, at + 1)) {
      target[at] = FORM.uuid;
      return 1 + UUID_BYTES;
    }
    target[at] = FORM.text;
    return 1 + target.write(id, at + 1);
  },
};

const HYPHEN = 0x2d;
const NIBBLE = Object.fromEntries([...'0123456789abcdef'].map((digit, value) => [digit.charCodeAt(0), value]));

/** Returns false, with the target undefined, if the text is not a UUID in lower case. */
function writeUuid(target: Buffer, uuid: string, at: number): boolean {
  if (uuid.length !== 36) return false;
  let byteAt = at;
  for (let index = 0; index < 36; index += 2) {
    if (index === 8 || index === 13 || index === 18 || index === 23) {
      if (uuid.charCodeAt(index) !== HYPHEN) return false;
      index += 1;
    }
    const high = NIBBLE[uuid.charCodeAt(index)];
    const low = NIBBLE[uuid.charCodeAt(index + 1)];
    if (high === undefined || low === undefined) return false;
    target[byteAt] = high * 16 + low;
    byteAt += 1;
  }
  return true;
}

/** The stored form of one id. */
export function storedCommandId(id: string): Buffer {
  const stored = Buffer.allocUnsafe(commandIdBytes.bytesMax(id));
  return stored.subarray(0, commandIdBytes.write(stored, id, 0));
}

/** The inverse of `storedCommandId`. */
export function commandIdFrom(stored: Buffer): string {
  if (stored[0] === FORM.text) return stored.toString('utf8', 1);
  const hex = stored.toString('hex', 1);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** An actor's key, as an element of a `uuid[]`. */
export const actorKeyBytes: ElementType<string> = {
  oid: 2950,
  bytesMax: () => UUID_BYTES,
  write: (target, actor, at) => {
    target.set(storedActor(actor), at);
    return UUID_BYTES;
  },
};

// Two generations: an entry that is used again survives the next change, and an unused one is dropped at the change
// after.
let recent = new Map<string, Buffer>();
let before = new Map<string, Buffer>();

/**
 * The 16 bytes of an actor in the indexes: its name's SHA-256, cut, since each index stores its key about twice in the
 * log. A UUID version 7 keeps its time in front, so that busy actors are close together. That touches fewer pages, and
 * writes fewer page images after a checkpoint.
 */
export function storedActor(actor: string): Buffer {
  const known = recent.get(actor);
  if (known) return known;
  const key = before.get(actor) ?? actorKey(actor);
  if (recent.size >= GENERATION_MAX) {
    before = recent;
    recent = new Map();
  }
  recent.set(actor, key);
  return key;
}

function actorKey(actor: string): Buffer {
  const key = createHash('sha256').update(actor).digest().subarray(0, UUID_BYTES);
  const time = UUID_V7_AT_END.exec(actor);
  if (time) key.write(`${time[1]}${time[2]}`, 'hex');
  return key;
}
