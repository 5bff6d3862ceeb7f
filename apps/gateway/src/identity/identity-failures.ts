import { ABSENT, type Scope } from '@aisle/contracts';
import { failures } from '@aisle/std';

/** Failures of the credential of a request. */
export const IdentityFailure = failures('identity', {
  required: ['unauthorized', 'the request needs a credential; send it as Authorization: Bearer <API key or token>'],
  /** The answer does not tell why, because that would help to guess keys. */
  invalid: ['unauthorized', 'the credential is malformed, unknown, expired, revoked or denied'],
  ambiguous: ['invalid', 'the request has two credentials; send the API key in Authorization or in X-Api-Key'],
  scopeMissing: ['forbidden', (scope: Scope) => `the credential does not permit ${scope}`, (scope: Scope) => ({ scope })],
  providerAway: ['unavailable', 'tokens cannot be checked, because the keys of their provider cannot be read', () => ({ retryAfterMs: 1_000 })],
  /** The gateway cannot find out which keys were revoked, and which tokens denied. */
  stale: ['unavailable', 'API keys and tokens cannot be checked at the moment', () => ({ retryAfterMs: 1_000 })],
});

/** The answers about resources in markets that the principal may not use. They equal those about resources that do not exist. */
export const ForeignFailure = failures('market', {
  market: ['missing', ABSENT.market, (market: string) => ({ market })],
  order: ['missing', ABSENT.order, (id: string) => ({ id })],
  basket: ['missing', ABSENT.basket],
}, { codes: { market: 'market.unknown', order: 'order.missing', basket: 'basket.missing' } });
