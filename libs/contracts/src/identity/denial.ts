import { z } from 'zod';
import { Instant } from '../calendar.ts';
import { Identifier } from '../identifier.ts';
import { Text } from '../text.ts';

/** Denials that have not ended, of all tenants. A gateway holds them all in memory. */
export const DENIALS_MAX = 10_000;

/** The kind of a denial: of one token, or of every token of a user of the identity provider. */
export const DenialKind = z.enum(['tokens', 'users']);
export type DenialKind = z.infer<typeof DenialKind>;

const ENDS = 'the end of the denial; without it, the denial lasts until it is deleted';

/** The body of `PUT /denials/{kind}/{id}`. No body means an empty one. */
export const NewDenial = z.strictObject({ expiresAt: Instant.optional().meta({ description: ENDS }) }).default({}).meta({ id: 'NewDenial' });
export type NewDenial = z.infer<typeof NewDenial>;

/** A token or a user that no gateway accepts any more. */
export const Denial = z
  .strictObject({
    kind: DenialKind,
    id: Identifier.meta({ description: 'the `jti` of a token, the id of a token for a shopper, or the `sub` of a user' }),
    createdAt: Instant,
    createdBy: Text.meta({ description: 'the name of its creator, such as `key/<id>` or `admin`' }),
    expiresAt: Instant.nullable().meta({ description: ENDS }),
  })
  .meta({ id: 'Denial' });
export type Denial = z.infer<typeof Denial>;

/** A page of denials, by kind and id. */
export const DenialList = z
  .strictObject({ items: z.array(Denial), next: Text.nullable().meta({ description: 'the cursor of the next page; null on the last one' }) })
  .meta({ id: 'DenialList' });
export type DenialList = z.infer<typeof DenialList>;
