export { ShopTimeFailure, ShopZone, addDays, weekdayOf } from './shop-zone.ts';
export type { LocalTime, ShopPeriod, ZonePeriod } from './shop-zone.ts';
