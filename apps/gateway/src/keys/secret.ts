import { hash, timingSafeEqual } from 'node:crypto';
import { uuidv7, type Runtime } from '@aisle/std';

/** The id of the administrator's key, which the configuration has. No other key has it, because ids of those are hexadecimal. */
export const ADMIN_ID = 'admin';

/** A credential that a client has presented: the id of its key, and the secret that proves it. */
export interface Presented {
  readonly id: string;
  readonly secret: string;
}

const FORM = /^aisle_(admin|[0-9a-f]{32})_([\w-]{43})$/;
const SECRET_BYTES = 32;

/** A new key: its id, the text for its owner, and the digest to store. The secret has 256 random bits. */
export function mintKey(runtime: Pick<Runtime, 'clock' | 'random'>): { readonly id: string; readonly text: string; readonly digest: Buffer } {
  const id = uuidv7(runtime).replaceAll('-', '');
  const secret = Buffer.from(runtime.random.bytes(SECRET_BYTES)).toString('base64url');
  return { id, text: `aisle_${id}_${secret}`, digest: digestOf(secret) };
}

/** Parses a key such as `aisle_<id>_<secret>`. Undefined for any other text. */
export function parseKey(text: string): Presented | undefined {
  const [, id, secret] = FORM.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** Whether the secret has this digest. It takes equally long wherever the two differ. */
export function isSecretOf(digest: Buffer, { secret }: Presented): boolean {
  return timingSafeEqual(digestOf(secret), digest);
}

// The secret is random and long, so a plain SHA-256 cannot be reversed by trying, and a slow hash would only cost time.
function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
