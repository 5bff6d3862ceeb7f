import { z } from 'zod';
import { Instant } from '../calendar.ts';
import { Identifier } from '../identifier.ts';
import { Text } from '../text.ts';

const TTL_MAX_S = 24 * 60 * 60;
const TTL = `must be a whole number of seconds from 1 to ${TTL_MAX_S}`;

/** The body of `POST /tokens`. */
export const NewShopperToken = z
  .strictObject({
    market: Identifier.meta({ description: 'the market of the basket' }),
    basket: Identifier.meta({ description: 'the basket, which need not exist yet' }),
    ttlSeconds: z.int(TTL).min(1, TTL).max(TTL_MAX_S, TTL).default(3_600).meta({ description: 'the life of the token in seconds' }),
  })
  .meta({ id: 'NewShopperToken' });
export type NewShopperToken = z.infer<typeof NewShopperToken>;

/** A token by which a shopper uses one opening of one basket. */
export const ShopperToken = z
  .strictObject({
    id: Text.meta({ description: 'the id of the token; records name the shopper `shopper/<id>`' }),
    token: Text.meta({ description: 'the credential: `Authorization: Bearer <token>`' }),
    market: Text,
    basket: Text,
    expiresAt: Instant,
  })
  .meta({ id: 'ShopperToken' });
export type ShopperToken = z.infer<typeof ShopperToken>;
