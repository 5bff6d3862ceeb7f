import { BadConfiguration, BaseConfig, HttpConfig, isLoopback, portFromEnvironment } from '@aisle/platform';
import { z } from 'zod';
import { RateConfig } from '../rates/rate.config.ts';
import { ShopperConfig } from '../shoppers/shopper.config.ts';
import { TokenConfig } from './token.config.ts';

/** The settings of the gateway. */
export const GatewayConfig = BaseConfig.extend({
  ...HttpConfig.shape,
  PORT: portFromEnvironment.default(3000),
  /** The database and the gateway's role in it. It connects with the first request that needs a key. */
  DATABASE_URL: z.url(),
  /**
   * `all` permits everything to a request without a credential, for development. Such a gateway listens on loopback only, and answers
   * only programs and pages of this machine. Without it, each request needs a credential.
   */
  ANONYMOUS_SCOPES: z.enum(['all']).optional(),
  /** The SHA-256, in hexadecimal digits, of the secret of the administrator's key. `npm run admin-key` makes both. */
  ADMIN_KEY_SHA256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of a secret, in 64 hexadecimal digits').optional(),
  /**
   * Keys count for this long after they were last known to be up to date, so a revoked key is dead within it. While PostgreSQL is away
   * for longer, requests with a key are refused. Same on every gateway.
   */
  KEYS_STALE_MS: z.coerce.number().int().min(1_000).max(60_000).default(1_000),
  ...RateConfig.shape,
  ...ShopperConfig.shape,
  ...TokenConfig.shape,
  /** `production` forbids `ANONYMOUS_SCOPES`. */
  NODE_ENV: z.string().optional(),
});
export type GatewayConfig = z.infer<typeof GatewayConfig>;

/** Throws `BadConfiguration` if requests without a credential would be permitted to other machines. */
export function checkAnonymous({ ANONYMOUS_SCOPES, HOST, NODE_ENV }: Pick<GatewayConfig, 'ANONYMOUS_SCOPES' | 'HOST' | 'NODE_ENV'>): void {
  if (ANONYMOUS_SCOPES === undefined) return;
  const problems = [
    ...(isLoopback(HOST) ? [] : ['ANONYMOUS_SCOPES: is for development, so HOST must be a loopback address']),
    ...(NODE_ENV === 'production' ? ['ANONYMOUS_SCOPES: is for development, and NODE_ENV is production'] : []),
  ];
  if (problems.length > 0) throw new BadConfiguration(problems);
}
