import type { Scope } from '@aisle/contracts';
import { failures } from '@aisle/std';

/** Failures of API keys as resources. */
export const KeyFailure = failures('key', {
  missing: ['missing', 'there is no such key', (id: string) => ({ id })],
  tooMany: ['rejected', 'there are as many valid keys as a system can have; revoke one first', (keysMax: number) => ({ keysMax })],
  alreadyExpired: ['rejected', 'expiresAt must be in the future'],
  /** A key for more than its creator may do would widen the creator's rights. */
  exceedsCreator: [
    'forbidden', 'a key cannot permit more than the credential that creates it',
    (scopes: readonly Scope[], markets: readonly string[]) => ({ scopes, markets }),
  ],
  otherTenant: ['forbidden', 'only the administrator creates keys of other tenants'],
  /** Strategies, consumers, pipelines and keys lie in no market. */
  notOfMarkets: [
    'rejected', 'these scopes belong to the whole chain, so a key that is restricted to markets cannot have them',
    (scopes: readonly Scope[]) => ({ scopes }),
  ],
  notOfTenant: [
    'rejected', 'these scopes belong to the tenant default, because all tenants share one set of pricing strategies',
    (scopes: readonly Scope[]) => ({ scopes }),
  ],
  cursorInvalid: ['invalid', 'the cursor must be the `next` of the previous page'],
});
