// A test worker: it squares numbers, throws for negative ones, and exits for 13.
import { serve } from '../serve.ts';

serve<number, number[]>((events) => {
  if (events.includes(13)) process.exit(1);
  if (events.some((event) => event < 0)) throw new RangeError('negative');
  return events.map((event) => event * event);
});
