import { createHash, randomBytes } from 'node:crypto';

/** A request without a credential may do everything. The gateway refuses this setting on addresses that other machines reach. */
export const OPEN = { ANONYMOUS_SCOPES: 'all' } as const;

/** A secret that signs shoppers' tokens. It is made anew at each start, so tokens of an earlier one are dead. */
export const SHOPPER_KEYS = { SHOPPER_TOKEN_KEYS: `dev=${randomBytes(32).toString('base64url')}` } as const;

/** A new key of the administrator, and the setting by which a gateway recognises it. */
export interface AdminKey {
  readonly text: string;
  readonly setting: { readonly ADMIN_KEY_SHA256: string };
  /** The setting by which the ops ports of all apps recognise it, too. */
  readonly ops: { readonly OPS_KEY_SHA256: string };
}

/** Makes a key of the administrator. The text is shown once, and only its digest is configured. */
export function makeAdminKey(): AdminKey {
  const secret = randomBytes(32).toString('base64url');
  const digest = createHash('sha256').update(secret).digest('hex');
  return { text: `aisle_admin_${secret}`, setting: { ADMIN_KEY_SHA256: digest }, ops: { OPS_KEY_SHA256: digest } };
}
