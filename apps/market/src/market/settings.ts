import type { Market } from '@aisle/contracts';

/** What the people of a market decide about it as a whole. */
export interface Settings {
  /** ISO 4217; it stays what it was once there are products. */
  readonly currency: string;
  readonly rounding: Market['rounding'];
  /** Available units at which a product is low. */
  readonly lowStock: number;
  /** Days before its last one from which a lot is near it. */
  readonly nearExpiryDays: number;
  readonly version: number;
}
