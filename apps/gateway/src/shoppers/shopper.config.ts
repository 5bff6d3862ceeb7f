import { z } from 'zod';

const KEYS = 'must be pairs such as k1=<32 random bytes in base64url>, separated by commas';

/** The settings of shoppers' tokens. Same on every gateway. */
export const ShopperConfig = z.object({
  /**
   * The secrets that sign shoppers' tokens, by name. The first one signs, and all verify: to replace one, put the new one in front, and
   * take the old one out once its last token has expired. Without it, no token is issued.
   */
  SHOPPER_TOKEN_KEYS: z.string().regex(/^[\w-]{1,32}=[\w-]{43,128}(,[\w-]{1,32}=[\w-]{43,128})*$/, KEYS)
    .transform((text) => new Map(text.split(',').map((pair) => pair.split('=') as [string, string])))
    .optional(),
});

/** The secrets by name, in the order of the configuration. */
export type ShopperKeys = ReadonlyMap<string, string>;
