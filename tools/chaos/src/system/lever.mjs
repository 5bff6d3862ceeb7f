// Runs in a process of a chaos test before the app does. At each SIGUSR2 it reads the file CHAOS_LEVER: `hang` blocks
// the event loop for ever, and a number sets the wall clock to that distance in milliseconds from the true one.
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.env.CHAOS_LEVER) {
  const TrueDate = Date;
  let aheadMs = 0;
  const nowMs = () => TrueDate.now() + aheadMs;

  globalThis.Date = class extends TrueDate {
    constructor(...parts) {
      super(...(parts.length === 0 ? [nowMs()] : parts));
    }

    static now() {
      return nowMs();
    }
  };

  process.on('SIGUSR2', () => {
    const told = readFileSync(process.env.CHAOS_LEVER, 'utf8');
    if (told !== 'hang') aheadMs = Number(told);
    while (told === 'hang');
  });
}
