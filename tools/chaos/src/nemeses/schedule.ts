import { TOPICS } from '@aisle/contracts';
import type { Random } from '@aisle/std';
import { clockOverRules } from './clock.ts';
import { insideNemeses } from './inside.ts';
import { limitNemeses } from './limits.ts';
import { linkNemeses } from './links.ts';
import type { Nemesis } from './nemesis.ts';
import { poisonEvents, poisonedBaskets } from './poison.ts';
import { processNemeses } from './processes.ts';
import { serverNemeses } from './servers.ts';

/** All nemeses. */
export const allNemeses: readonly Nemesis[] = [
  ...processNemeses, ...insideNemeses, ...serverNemeses, ...limitNemeses, ...linkNemeses, poisonedBaskets, poisonEvents([TOPICS.markets]), clockOverRules,
];

/** The worst kinds, once each, for a run of a minute. */
export const quickNemeses: readonly Nemesis[] = named([
  'kill -9 a basket-server',
  'SIGSTOP a basket-server for 1.5 x the lease',
  'Redis FLUSHALL',
  'PostgreSQL kill -9 and restart',
  'cut a basket-server from PostgreSQL, one way, from the server',
  'poison rows of baskets',
]);

/** All of them in an order of the seed, and again in another, without end. */
export function* inRounds(nemeses: readonly Nemesis[], random: Random): Generator<Nemesis> {
  for (;;) {
    const left = nemeses.flatMap((nemesis) => Array<Nemesis>(nemesis.perRound ?? 1).fill(nemesis));
    while (left.length > 0) yield left.splice(random.int(left.length), 1)[0] as Nemesis;
  }
}

/** Those with these names, or parts of names. Throws if a name matches nothing. */
export function named(names: readonly string[], among = allNemeses): Nemesis[] {
  return names.flatMap((name) => {
    const found = among.filter((nemesis) => nemesis.name.includes(name));
    const all = (): string => among.map((nemesis) => nemesis.name).join('\n');
    if (found.length === 0) throw new Error(`no nemesis has the name ${name}; the names are:\n${all()}`);
    return found;
  });
}
