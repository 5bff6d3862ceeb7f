import type { IncomingHttpHeaders } from 'node:http';
import { DEFAULT_TENANT, SCOPES, type Principal } from '@aisle/contracts';
import type { Clock } from '@aisle/std';
import { ADMIN_ID, isSecretOf, parseKey, type Presented } from '../keys/secret.ts';
import type { HeldKey, Keyring } from '../keys/keyring.ts';
import { SHOPPER_PREFIX } from '../shoppers/shopper-tokens.ts';
import type { Tokens } from './tokens.ts';
import { checkAnonymous, type GatewayConfig } from './identity.config.ts';
import { IdentityFailure } from './identity-failures.ts';

/** The settings of an `Identity`. */
export interface IdentityOptions {
  readonly config: Pick<GatewayConfig, 'ANONYMOUS_SCOPES' | 'ADMIN_KEY_SHA256' | 'HOST' | 'NODE_ENV'>;
  readonly keyring: Pick<Keyring, 'trusted' | 'find' | 'refresh' | 'isCurrent' | 'isDenied'>;
  /** Verifies the tokens of shoppers; absent if none is issued. */
  readonly shoppers?: Pick<Tokens, 'principalOf'> | undefined;
  /** Verifies tokens of an identity provider; absent if none is accepted. */
  readonly tokens?: Pick<Tokens, 'principalOf'> | undefined;
  readonly clock: Clock;
}

const ANONYMOUS: Principal = { tenant: DEFAULT_TENANT, id: 'anonymous', name: 'anonymous', kind: 'anonymous', scopes: new Set(SCOPES) };
const ADMIN: Principal = { tenant: DEFAULT_TENANT, id: ADMIN_ID, name: ADMIN_ID, kind: 'admin', scopes: new Set(SCOPES) };
const BEARER = /^Bearer +(\S+)$/i;

/** Finds the principal of a request by its credential. */
export class Identity {
  private readonly adminDigest: Buffer | undefined;

  /** Throws `BadConfiguration` if other machines would need no credential. */
  constructor(private readonly options: IdentityOptions) {
    checkAnonymous(options.config);
    const { ADMIN_KEY_SHA256 } = options.config;
    this.adminDigest = ADMIN_KEY_SHA256 === undefined ? undefined : Buffer.from(ADMIN_KEY_SHA256, 'hex');
  }

  /** The principal at once, unless the key has to be read first. Throws or rejects with an `IdentityFailure`. */
  principalOf(headers: IncomingHttpHeaders): Principal | Promise<Principal> {
    const text = credentialOf(headers);
    if (text === undefined) {
      if (this.options.config.ANONYMOUS_SCOPES !== undefined) return ANONYMOUS;
      throw IdentityFailure.required();
    }
    if (text.startsWith(SHOPPER_PREFIX)) return this.shopper(text.slice(SHOPPER_PREFIX.length));
    const presented = parseKey(text);
    if (presented === undefined) return this.bearer(text, headers);
    if (presented.id === ADMIN_ID) return this.admin(presented);
    const key = this.options.keyring.trusted(presented.id);
    return key === undefined ? this.afterRefresh(presented) : this.holder(presented, key);
  }

  private bearer(token: string, { authorization }: IncomingHttpHeaders): Principal | Promise<Principal> {
    const { tokens } = this.options;
    if (tokens === undefined || authorization === undefined) throw IdentityFailure.invalid();
    return this.admitted(tokens.principalOf(token));
  }

  private shopper(token: string): Principal | Promise<Principal> {
    const { shoppers } = this.options;
    if (shoppers === undefined) throw IdentityFailure.invalid();
    return this.admitted(shoppers.principalOf(token));
  }

  private admitted(owner: Principal | Promise<Principal>): Principal | Promise<Principal> {
    return owner instanceof Promise ? owner.then((one) => this.inForce(one)) : this.inForce(owner);
  }

  /** The owner of a token, unless the token is denied, or the key that issued it is no longer valid. */
  private inForce(owner: Principal): Principal | Promise<Principal> {
    const { keyring } = this.options;
    const isIssuerKnown = owner.issuer === undefined || keyring.find(owner.issuer) !== undefined;
    return keyring.isCurrent() && isIssuerKnown ? this.required(owner) : this.refreshed().then(() => this.required(owner));
  }

  private required(owner: Principal): Principal {
    const { keyring, clock } = this.options;
    const issuerEndsAtMs = owner.issuer === undefined ? Infinity : keyring.find(owner.issuer)?.expiresAtMs;
    if (issuerEndsAtMs === undefined || issuerEndsAtMs <= clock.nowMs() || keyring.isDenied(owner)) throw IdentityFailure.invalid();
    return owner;
  }

  /** The holder of a key that is unknown here, or that may be out of date. */
  private async afterRefresh(presented: Presented): Promise<Principal> {
    await this.refreshed();
    return this.holder(presented, this.options.keyring.find(presented.id));
  }

  private async refreshed(): Promise<void> {
    await this.options.keyring.refresh().catch((error: unknown) => {
      throw IdentityFailure.stale().causedBy(error);
    });
  }

  private holder(presented: Presented, key: HeldKey | undefined): Principal {
    const nowMs = this.options.clock.nowMs();
    if (key === undefined || !isSecretOf(key.digest, presented) || key.expiresAtMs <= nowMs) throw IdentityFailure.invalid();
    key.usedAtMs = nowMs;
    return key.principal;
  }

  private admin(presented: Presented): Principal {
    if (this.adminDigest === undefined || !isSecretOf(this.adminDigest, presented)) throw IdentityFailure.invalid();
    return ADMIN;
  }
}

/** The credential of a request (RFC 6750, section 2.1). Throws `identity.invalid` for another scheme. */
function credentialOf({ authorization, 'x-api-key': apiKey }: IncomingHttpHeaders): string | undefined {
  if (authorization === undefined) return apiKey as string | undefined;
  if (apiKey !== undefined) throw IdentityFailure.ambiguous();
  const [, token] = BEARER.exec(authorization) ?? [];
  if (token === undefined) throw IdentityFailure.invalid();
  return token;
}
