import { hash } from 'node:crypto';
import type { Principal } from '@aisle/contracts';
import type { Clock } from '@aisle/std';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { IdentityFailure } from './identity-failures.ts';
import type { TokenSettings } from './token.config.ts';

/** Verified tokens that are remembered. Beyond it, the earliest is forgotten, and verified again when it comes. */
const REMEMBERED_MAX = 10_000;
const FETCH_WITHIN_MS = 3_000;
/** After this time an unknown `kid` makes the keys be read again. */
const REREAD_AFTER_MS = 5_000;
/** The errors of `jose` that tell of the provider, and not of the token. */
const AWAY: ReadonlySet<unknown> = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID']);

interface Verified {
  readonly principal: Principal;
  readonly expiresAtMs: number;
}

/** Verifies tokens of one issuer (RFC 7519, RFC 8725). A verification takes long, so verified tokens are remembered. */
export class Tokens {
  private readonly verified = new Map<string, Verified>();
  private readonly verify: (token: string) => Promise<{ payload: JWTPayload }>;

  constructor(private readonly settings: TokenSettings, private readonly clock: Clock, rereadAfterMs = REREAD_AFTER_MS) {
    const { source, issuer, audience, algorithms, toleranceMs } = settings;
    const options = () => ({
      issuer, audience, algorithms: [...algorithms], clockTolerance: toleranceMs / 1_000, requiredClaims: ['exp', 'iat', 'sub'],
      currentDate: new Date(clock.nowMs()),
    });
    if ('secretOf' in source) {
      const { secretOf } = source;
      this.verify = (token) => jwtVerify(token, (header: { readonly kid?: string }) => secretOf(header.kid) ?? unknownKey(), options());
      return;
    }
    const keys = createRemoteJWKSet(source.jwksUrl, { timeoutDuration: FETCH_WITHIN_MS, cooldownDuration: rereadAfterMs });
    this.verify = (token) => jwtVerify(token, keys, options());
  }

  /**
   * The principal of a token, at once if the token was verified before. Throws or rejects with `identity.invalid`, or with
   * `identity.provider_away` if the provider's keys cannot be read.
   */
  principalOf(token: string): Principal | Promise<Principal> {
    const name = hash('sha256', token, 'base64');
    const known = this.verified.get(name);
    if (known === undefined) return this.verifyNew(token, name);
    if (known.expiresAtMs > this.clock.nowMs()) return known.principal;
    this.verified.delete(name);
    throw IdentityFailure.invalid();
  }

  private async verifyNew(token: string, name: string): Promise<Principal> {
    const { payload } = await this.verify(token).catch((error: unknown) => {
      throw isProviderAway(error) ? IdentityFailure.providerAway().causedBy(error) : IdentityFailure.invalid().causedBy(error);
    });
    const { lifetimeMaxMs, toleranceMs } = this.settings;
    const [issuedAtMs, endsAtMs] = [Number(payload.iat) * 1_000, Number(payload.exp) * 1_000];
    if (endsAtMs - issuedAtMs > lifetimeMaxMs || issuedAtMs > this.clock.nowMs() + toleranceMs) throw IdentityFailure.invalid();
    const principal = this.settings.principalOf(payload);
    this.remember(name, { principal, expiresAtMs: endsAtMs + toleranceMs });
    return principal;
  }

  private remember(name: string, verified: Verified): void {
    const [earliest] = this.verified.keys();
    if (this.verified.size >= REMEMBERED_MAX && earliest !== undefined) this.verified.delete(earliest);
    this.verified.set(name, verified);
  }
}

function unknownKey(): never {
  throw new errors.JWKSNoMatchingKey();
}

/** Whether an error is one of the network or of the provider. Those of the network have no code of `jose`. */
function isProviderAway(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return AWAY.has(code) || !(typeof code === 'string' && code.startsWith('ERR_J'));
}
