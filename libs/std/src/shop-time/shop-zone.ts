import { Temporal } from 'temporal-polyfill';
import { failures } from '../failures.ts';

/** Failures of shop time. */
export const ShopTimeFailure = failures('shop_time', {
  zone: ['invalid', 'must be the IANA name of a time zone, such as Europe/Berlin', (zone: string) => ({ zone })],
});

/** A period, from `sinceMs` (inclusive) to `untilMs` (exclusive). */
export interface ShopPeriod {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A period in which a zone's clock does not change. */
export interface ZonePeriod extends ShopPeriod {
  /** The offset of the clock from UTC. */
  readonly offsetMs: number;
}

/** The reading of a shop's clock. */
export interface LocalTime {
  /** `YYYY-MM-DD`: the business day. */
  readonly date: string;
  /** `HH:MM:SS`. */
  readonly time: string;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  readonly offsetMs: number;
}

const DAY_MS = 24 * 60 * 60_000;
/** More than there are zones; names may be written in several cases. */
const ZONES_MAX = 1_000;
/** Readings lie in the current period of a zone, or in its neighbours. */
const PERIODS_MAX = 4;
const NAME = /^[A-Za-z][A-Za-z0-9_+\-/]*$/;

const zones = new Map<string, ShopZone>();

/**
 * The clock of a shop, by its IANA time zone. The last periods are kept, so that nearly every reading is an addition and asks
 * the time-zone database nothing.
 */
export class ShopZone {
  readonly id: string;
  private periods: readonly ZonePeriod[];
  private day: (ShopPeriod & { readonly date: string }) | undefined;

  /** The zone of an IANA name. Throws `shop_time.zone`. */
  static of(id: string): ShopZone {
    const known = zones.get(id);
    if (known) return known;
    const zone = new ShopZone(id);
    if (zones.size >= ZONES_MAX) zones.clear();
    zones.set(id, zone);
    return zone;
  }

  private constructor(id: string) {
    // Fixed offsets are no zones of shops, whose clocks follow a law.
    if (!NAME.test(id)) throw ShopTimeFailure.zone(id);
    this.id = id;
    try {
      this.periods = [this.findPeriod(0)];
    } catch {
      throw ShopTimeFailure.zone(id);
    }
  }

  /** The period around an instant in which the clock does not change. */
  periodAt(ms: number): ZonePeriod {
    const known = this.periods.find(({ sinceMs, untilMs }) => ms >= sinceMs && ms < untilMs);
    if (known) return known;
    const found = this.findPeriod(ms);
    this.periods = [found, ...this.periods].slice(0, PERIODS_MAX);
    return found;
  }

  /** The reading of the clock at an instant. */
  localAt(ms: number): LocalTime {
    const { offsetMs } = this.periodAt(ms);
    const text = new Date(ms + offsetMs).toISOString();
    return { date: text.slice(0, 10), time: text.slice(11, 19), weekday: weekdayOf(text.slice(0, 10)), offsetMs };
  }

  /** An instant as ISO 8601 with the offset of this clock: `2026-03-29T03:00:00.000+02:00`. */
  isoAt(ms: number): string {
    const { offsetMs } = this.periodAt(ms);
    const minutes = Math.abs(offsetMs) / 60_000;
    const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
    return `${new Date(ms + offsetMs).toISOString().slice(0, -1)}${offsetMs < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
  }

  /** The business day around an instant. On days of a clock change it has 23 or 25 hours. */
  dayAt(ms: number): ShopPeriod & { readonly date: string } {
    if (this.day && ms >= this.day.sinceMs && ms < this.day.untilMs) return this.day;
    const { date } = this.localAt(ms);
    this.day = { date, ...this.dayOf(date) };
    return this.day;
  }

  /** A business day from its first instant to that of the next day. */
  dayOf(date: string): ShopPeriod {
    return { sinceMs: this.startOf(date), untilMs: this.startOf(addDays(date, 1)) };
  }

  private startOf(date: string): number {
    return Temporal.PlainDate.from(date).toZonedDateTime(this.id).epochMilliseconds;
  }

  private findPeriod(ms: number): ZonePeriod {
    // A transition at `ms` itself is the beginning of its period, and `previous` looks only before its argument.
    const after = Temporal.Instant.fromEpochMilliseconds(ms + 1).toZonedDateTimeISO(this.id);
    const at = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(this.id);
    return {
      sinceMs: after.getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity,
      untilMs: at.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity,
      offsetMs: at.offsetNanoseconds / 1_000_000,
    };
  }
}

/** The ISO weekday of a calendar date: 1 is Monday, 7 is Sunday. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

/** A calendar date some days later, or earlier for a negative number. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
