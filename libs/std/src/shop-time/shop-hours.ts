import { addDays, type LocalTime, type ShopZone, weekdayOf } from './shop-zone.ts';

/** Hours of a shop's clock. Hours that end before they begin go on until the next day. */
export interface ShopHours {
  /** `HH:MM`, inclusive. */
  readonly from: string;
  /** `HH:MM`, exclusive; `24:00` is the end of the day. */
  readonly until: string;
  /** The days on which these hours begin: 1 is Monday, 7 is Sunday. All unless given. */
  readonly daysOfWeek?: readonly number[] | undefined;
}

/** Whether it is within some hours at an instant, and until when that stays so. */
export interface HoursAt {
  readonly isWithin: boolean;
  readonly untilMs: number;
}

// Weekly hours change within eight days, unless they never do.
const HORIZON_DAYS = 8;

/** Whether a clock shows a time within some of these hours. A time that the clock shows twice counts twice. */
export function isWithinHours(hours: readonly ShopHours[], { date, time, weekday }: Pick<LocalTime, 'date' | 'time' | 'weekday'>): boolean {
  const yesterday = weekdayOf(addDays(date, -1));
  return hours.some(({ from, until, daysOfWeek }) => {
    const begins = (day: number): boolean => daysOfWeek === undefined || daysOfWeek.includes(day);
    return from < until
      ? begins(weekday) && time >= from && time < until
      : (begins(weekday) && time >= from) || (begins(yesterday) && time < until);
  });
}

/**
 * Whether it is within some of these hours at an instant, and the instant of the next change. Without a change in eight days, it is the
 * end of these: the answer holds at least so long.
 */
export function hoursAt(zone: ShopZone, hours: readonly ShopHours[], ms: number): HoursAt {
  const isWithin = isWithinHours(hours, zone.localAt(ms));
  const { date } = zone.localAt(ms);
  const days = Array.from({ length: HORIZON_DAYS + 1 }, (_, day) => addDays(date, day));
  const times = [...new Set(hours.flatMap(({ from, until }) => [from, until]))].filter((time) => time !== '24:00');
  const candidates = days.flatMap((day) => [
    zone.dayOf(day).sinceMs,
    ...times.flatMap((time) => [zone.instantOf(day, time), zone.instantOf(day, time, 'second')]),
  ]);
  // A change of the clock may skip or repeat a bound.
  const ordered = [...candidates, zone.periodAt(ms).untilMs].filter((at) => at > ms && Number.isFinite(at)).sort((a, b) => a - b);
  const endMs = zone.dayOf(addDays(date, HORIZON_DAYS)).untilMs;
  const change = ordered.find((at) => at < endMs && isWithinHours(hours, zone.localAt(at)) !== isWithin);
  return { isWithin, untilMs: change ?? endMs };
}
