import type { Scope } from './scope.ts';

/** The tenant of a system with one chain, and of requests without a credential. */
export const DEFAULT_TENANT = 'default';

/**
 * The sender of a request. `anonymous` has no credential, which only development permits. `admin` has the key of the configuration, and
 * manages the keys of all tenants. `user` has a token of an identity provider.
 * `shopper` has a token for one basket.
 */
export interface Principal {
  readonly tenant: string;
  /** The id of the key, the subject of the token, or the kind of a principal without either. */
  readonly id: string;
  /** The name in records of who did what: `key/<id>`, `user/<subject>`, `shopper/<token id>`, `admin` or
   * `anonymous`. */
  readonly name: string;
  readonly kind: 'anonymous' | 'admin' | 'key' | 'user' | 'shopper';
  readonly scopes: ReadonlySet<Scope>;
  /** The markets to which the principal is restricted; absent for all markets of the tenant. */
  readonly markets?: ReadonlySet<string> | undefined;
  /** The only basket of a shopper, and the version at which the opening began for which the token was issued. */
  readonly basket?: { readonly id: string; readonly opening: number } | undefined;
  /** The id of the key that issued a shopper's token, and with which the token dies; absent if the administrator did. */
  readonly issuer?: string | undefined;
  /** The `jti` of a user's token; absent without one. */
  readonly tokenId?: string | undefined;
  /** The units of requests that it may use a second, over all gateways; absent for the limit of the configuration. */
  readonly ratePerSecond?: number | undefined;
}
