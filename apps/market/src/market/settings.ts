import type { Market } from '@aisle/contracts';

/** The settings of a whole market. */
export interface Settings {
  /** ISO 4217; fixed once the market has products. */
  readonly currency: string;
  readonly rounding: Market['rounding'];
  /** The number of available units at which a product is low. */
  readonly lowStock: number;
  /** The number of days before its expiry at which a lot is near expiry. */
  readonly nearExpiryDays: number;
  readonly version: number;
}
