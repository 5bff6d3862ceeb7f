import { priceChanges, priceFault, type PricedDocument } from './clock-verdict.ts';

const at = (time: string): number => Date.parse(`2026-11-30T09:00:${time}Z`);
/** One rule ends at second 10, the other begins at second 20. */
const instants = { endsAtMs: at('10'), beginsAtMs: at('20') };

describe('the verdict on prices over the end of a rule', () => {
  it.each<[what: string, offs: Offs, sent: string, answered: string]>([
    ['before both', { ending: 7, beginning: 0, ticking: '05' }, '05.100', '05.200'],
    ['before the end, answered after it', { ending: 7, beginning: 0 }, '09.900', '10.200'],
    ['after the end, asked for before it', { ending: 0, beginning: 0 }, '09.900', '10.200'],
    ['between both', { ending: 0, beginning: 0, ticking: '15' }, '15.990', '16.010'],
    ['after both', { ending: 0, beginning: 11, ticking: '30' }, '30.000', '30.100'],
    ['of an empty basket', {}, '05.000', '05.100'],
    ['without the script, and saying so', { ending: 7, ticking: 'degraded' }, '05.000', '05.100'],
  ])('accepts prices %s', (_what, offs, sent, answered) => {
    expect(priceFault({ document: documentOf(offs), sentAtMs: at(sent), answeredAtMs: at(answered) }, instants)).toBeUndefined();
  });

  it.each<[what: string, offs: Offs, sent: string, answered: string, says: string]>([
    ['a rule that has ended', { ending: 7 }, '10.010', '10.100', 'over 10 ms before it was asked for'],
    ['no rule where one has begun', { beginning: 0 }, '20.500', '20.600', 'over 500 ms before it was asked for'],
    ['a rule before it begins', { beginning: 11 }, '19.100', '19.200', 'begin 800 ms after the answer'],
    ['the price of an earlier second', { ticking: '05' }, '06.001', '06.100', 'over 1 ms before it was asked for'],
    ['two instants', { ending: 7, ticking: '11' }, '09.500', '11.500', 'different instants'],
    ['an amount of no rule', { ending: 8 }, '05.000', '05.100', 'no instant has this price of P0007'],
    ['list price where no rule failed', { ticking: 'none' }, '05.000', '05.100', 'no instant has this price of P0013'],
  ])('sees %s', (_what, offs, sent, answered, says) => {
    const seen = { document: documentOf(offs), sentAtMs: at(sent), answeredAtMs: at(answered) };

    expect(priceFault(seen, instants)).toContain(says);
  });

  it('sees a total that is not the sum of the lines', () => {
    const document = { ...documentOf({ ending: 7 }), total: gbp(400) };

    expect(priceFault({ document, sentAtMs: at('05'), answeredAtMs: at('05') }, instants)).toContain('the lines come to 393');
  });

  it.each<[skus: string[], from: string, to: string, changes: boolean]>([
    [['P0007'], '09.900', '10.000', true],
    [['P0007'], '10.001', '25.000', false],
    [['P0003'], '10.001', '25.000', true],
    [['P0007', 'P0003'], '15.000', '19.999', false],
    [['P0013'], '15.100', '15.900', false],
    [['P0013'], '15.100', '16.000', true],
  ])('tells whether the price of %j changes from %s to %s', (skus, from, to, changes) => {
    expect(priceChanges(skus, instants, at(from), at(to))).toBe(changes);
  });
});

/** The discounts of the rules; the script's by the second that it got. */
interface Offs {
  readonly ending?: number;
  readonly beginning?: number;
  readonly ticking?: string;
}

function documentOf({ ending, beginning, ticking }: Offs): PricedDocument {
  const second = Number(ticking);
  const lines = [
    ...(ending === undefined ? [] : [lineOf('P0007', ending)]),
    ...(beginning === undefined ? [] : [lineOf('P0003', beginning)]),
    ...(ticking === undefined ? [] : Number.isNaN(second)
      ? [{ ...lineOf('P0013', 0), degraded: ticking === 'degraded' }]
      : [lineOf('P0013', 1 + second, `2026-11-30T09:00:${ticking}Z`)]),
  ];
  return { lines, total: gbp(lines.reduce((sum, { net }) => sum + net.amount, 0)) };
}

function lineOf(sku: string, offMinor: number, message = 'off') {
  const adjustments = offMinor === 0 ? [] : [{ message }];
  return { sku, quantity: 2, unitPrice: gbp(200), adjustments, net: gbp(400 - offMinor) };
}

function gbp(amount: number) {
  return { amount, currency: 'GBP' };
}
