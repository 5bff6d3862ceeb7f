// PostgreSQL accepts neither U+0000 nor half a surrogate pair as text.
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** A body in the form of a dead letter. */
export interface StorableBody {
  readonly body: string;
  /**
   * True if it was not text: a backslash stands for two, `\u0000` for U+0000 or half a surrogate, `\xff` for a byte.
   */
  readonly isEscaped: boolean;
}

/** A storable form of a name or a message, readable if not exact. */
export function storableText(text: string): string {
  return text.replace(UNSTORABLE, escaped);
}

/** A storable form of a body, from which the original can be restored. */
export function storableBody(body: string): StorableBody {
  return body.search(UNSTORABLE) < 0
    ? { body, isEscaped: false }
    : { body: storableText(body.replaceAll('\\', '\\\\')), isEscaped: true };
}

/** Bytes as text: unchanged if they are UTF-8, otherwise escaped. */
export function bodyFrom(bytes: Buffer): StorableBody {
  const body = bytes.toString();
  // U+FFFD may have been written, or may replace an unreadable byte.
  if (!body.includes('\ufffd') || Buffer.from(body).equals(bytes)) return { body, isEscaped: false };
  const byteText = (byte: string): string => (byte === '\\' ? '\\\\' : byte === '\0' ? escaped(byte) : `\\x${hex(byte, 2)}`);
  return { body: bytes.toString('latin1').replace(/[\\\0\x80-\xff]/g, byteText), isEscaped: true };
}

function escaped(unit: string): string {
  return `\\u${hex(unit, 4)}`;
}

function hex(unit: string, digits: number): string {
  return unit.charCodeAt(0).toString(16).padStart(digits, '0');
}
