export { hoursAt, isWithinHours } from './shop-hours.ts';
export type { HoursAt, ShopHours } from './shop-hours.ts';
export { ShopTimeFailure, ShopZone, addDays, weekdayOf } from './shop-zone.ts';
export type { LocalTime, ShopPeriod, ZonePeriod } from './shop-zone.ts';
