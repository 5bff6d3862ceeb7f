import { STEADY_MARKET, TICKING_MARKET, putRulesInForce, switchOff } from '../clock/clock-rules.ts';
import { ClockShopper } from '../clock/clock-shopper.ts';
import { BEGINNING, ENDING, SKUS } from '../clock/clock-verdict.ts';
import { drawNode, wait, type Nemesis } from './nemesis.ts';

const BASKETS = 4;
const MARKETS = [
  { market: TICKING_MARKET, skus: Object.values(SKUS) },
  { market: STEADY_MARKET, skus: [SKUS[ENDING], SKUS[BEGINNING]] },
];
/** The time of the kill, around the end of the first rule. */
const KILL_MS = { before: 700, after: 1_300 };
/** The time after the kill in which the killed server's baskets are read on their new servers. */
const AFTERWARDS_MS = 3_500;

/**
 * Rules end, begin and follow the seconds while shoppers read, ask and pay, and a basket-server is killed in between.
 */
export const clockOverRules: Nemesis = {
  name: 'clock over the end of a rule, and kill -9 of a basket-server',
  holdMs: 0,
  async start(ground) {
    const { system, random, violated } = ground;
    const gatewayUrl = (): string | undefined => system.gatewayUrl;
    const instants = await putRulesInForce(gatewayUrl);
    const { endsAtMs, beginsAtMs } = instants;
    const shoppers = MARKETS.flatMap(({ market, skus }) => Array.from({ length: BASKETS }, (_, number) =>
      new ClockShopper({ gatewayUrl, market, skus, instants, violated, basket: `clock-${endsAtMs}-${number}` })));
    const isOver = (): boolean => Date.now() > beginsAtMs + AFTERWARDS_MS;
    const shopping = Promise.all(shoppers.map((shopper) => shopper.shop(isOver)));

    const killAtMs = endsAtMs - KILL_MS.before + random.int(KILL_MS.before + KILL_MS.after);
    await wait(Math.max(0, killAtMs - Date.now()));
    const victim = await drawNode(ground, 'basket-server');
    await system.kill(victim);
    await shopping;
    const sum = (of: (shopper: ClockShopper) => number): number => shoppers.reduce((total, shopper) => total + of(shopper), 0);
    const [looks, checkouts] = [sum((shopper) => shopper.looks), sum((shopper) => shopper.checkouts)];
    return {
      victims: `${victim.process.instance}, ${looks} looks, ${checkouts} checkouts`,
      heal: async () => {
        await system.complete();
        await switchOff(gatewayUrl);
      },
    };
  },
};

