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
    (scopes: readonly Scope[]) => ({ scopes }),
  ],
  rateExceedsCreator: [
    'forbidden', 'a key cannot have a higher limit of requests than the credential that creates it',
    (rateMax: number) => ({ rateMax }),
  ],
  otherTenant: ['forbidden', 'only the administrator creates keys of other tenants'],
  /** Strategies, consumers, pipelines and keys lie in no market, and all tenants share one set of strategies. */
  scopesUnfit: [
    'rejected', 'a key that is restricted to markets cannot have scopes of the whole chain, and only keys of the tenant default have those of strategies',
    (scopes: readonly Scope[]) => ({ scopes }),
  ],
  cursorInvalid: ['invalid', 'the cursor must be the `next` of the previous page'],
});
