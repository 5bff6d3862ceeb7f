import type { AppSchema } from '@aisle/platform';
import { Denials1797200000000 } from './denials/denials.migration.ts';
import { KeyRates1797100000000, Keys1797000000000 } from './keys/keys.migration.ts';

/** The schema `gateway`. */
export const gatewaySchemas: readonly AppSchema[] = [{
  schema: 'gateway',
  migrations: [Keys1797000000000, KeyRates1797100000000, Denials1797200000000],
  access: {
    app: 'gateway',
    rights: [{
      tables: {
        key_revision: 'SELECT, UPDATE', api_key: 'SELECT, INSERT, UPDATE (used_at_ms, revoked_at_ms, revoked_by, revision)',
        denial: 'SELECT, INSERT, UPDATE (created_at_ms, created_by, expires_at_ms, ended_at_ms, ended_by, revision)',
      },
    }],
  },
}];
