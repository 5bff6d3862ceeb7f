// Keeps a processor busy for about a millisecond per batch: counts primes by trial division.
import { serve } from '@aisle/pipeline/worker';

serve<number, number>((events) => events.reduce((primes, event) => primes + (isPrime(event) ? 1 : 0), 0));

function isPrime(candidate: number): boolean {
  for (let by = 2; by * by <= candidate; by += 1) if (candidate % by === 0) return false;
  return candidate > 1;
}
