// Runs inside of a process that chaos starts, before the app does. At each SIGUSR2 it does what the file CHAOS_LEVER says:
// `hang` keeps the event loop for ever, a number moves the clock of the wall by so many milliseconds from the true one.
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
