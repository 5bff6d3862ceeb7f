import type { Clock } from '@aisle/std';
import type { Due, WakeupsOptions } from './wakeups.ts';

const SLOT_MS = 200;

/** Numbered slots of time. Everything that is due within a slot causes one wake-up at its end. */
export class Slots {
  private readonly slotMs: number;
  private readonly clock: Clock;
  private readonly taken = new Set<number>();

  constructor({ runtime, slotMs }: WakeupsOptions) {
    this.slotMs = slotMs ?? SLOT_MS;
    this.clock = runtime.clock;
  }

  /** The slots that nobody here has scheduled yet, each with the time until it ends. */
  take(due: readonly Due[]): { readonly slot: number; readonly delayMs: number }[] {
    const nowMs = this.clock.nowMs();
    const fresh: { slot: number; delayMs: number }[] = [];
    for (const { dueAtMs } of due) {
      const slot = Math.ceil(Math.max(dueAtMs, nowMs) / this.slotMs);
      if (this.taken.has(slot)) continue;
      this.taken.add(slot);
      fresh.push({ slot, delayMs: slot * this.slotMs - nowMs });
    }
    if (fresh.length > 0) for (const slot of this.taken) if (slot * this.slotMs < nowMs) this.taken.delete(slot);
    return fresh;
  }

  /** The wake-ups of these slots were not scheduled after all. */
  giveBack(slots: readonly { readonly slot: number }[]): void {
    for (const { slot } of slots) this.taken.delete(slot);
  }
}
