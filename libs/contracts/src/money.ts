import { z } from 'zod';
import { Currency } from './currency.ts';

/** An amount in minor units (pence, cents) with its ISO 4217 currency. */
export const Money = z
  .strictObject({
    amount: z.int().meta({ description: 'minor units, such as pence' }),
    currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as GBP').meta({ description: 'the ISO 4217 code, such as GBP' }),
  })
  .meta({ id: 'Money', description: 'an amount of money in minor units' });
export type Money = z.infer<typeof Money>;

/** An amount in a request. Its currency must be in circulation; stored amounts may be in a former currency. */
export const GivenMoney = Money.extend({ currency: Currency }).meta({ id: 'GivenMoney', description: 'an amount of money in minor units, in a currency in circulation' });
