import { z } from 'zod';
import { marketTerms } from './market-terms.ts';
import { TaxTerms } from './tax-terms.ts';

const Terms = z.strictObject(marketTerms);
const rates = [{ category: 'standard', rate: '20', from: '2011-01-04' }];

describe('the terms of a market', () => {
  it('may all be absent', () => {
    expect(Terms.parse({})).toEqual({});
  });

  it.each([['UTC'], ['Europe/Berlin'], ['America/Argentina/Buenos_Aires'], ['Asia/Kolkata'], ['Asia/Calcutta'], ['Etc/GMT+5']])('may be in the zone %s', (timeZone) => {
    expect(Terms.safeParse({ timeZone }).success).toBe(true);
  });

  it.each([['+01:00'], ['Mars/Olympus'], [''], ['Europe/Berlin '], ['../etc/passwd'], ['toString']])('may not be in the zone %j', (timeZone) => {
    expect(Terms.safeParse({ timeZone }).success).toBe(false);
  });
});

describe('the labels of a market', () => {
  it.each<[pattern: string, value: string, isTaken: boolean]>([
    ['21.....{NNDDD}', 'quantity', true], ['21.....{NNDDD}', 'price', false], ['21..{NNDDD}', 'quantity', false], ['', 'quantity', false],
  ])('may be %j of a %s: %s', (pattern, value, isTaken) => {
    expect(Terms.safeParse({ labels: [{ pattern, value }] }).success).toBe(isTaken);
  });
});

describe('the taxes of a market', () => {
  it('are rounded by line, and to the net, unless told', () => {
    expect(TaxTerms.parse({ pricesInclude: true, rates })).toEqual({ pricesInclude: true, rates, level: 'line', target: 'net' });
  });

  it.each(['20', '0', '8.875', '5.5', '100', '0.000001'])('may have the rate %s', (rate) => {
    expect(TaxTerms.safeParse({ pricesInclude: true, rates: [{ ...rates[0], rate }] }).success).toBe(true);
  });

  it.each(['', '-1', '.5', '5.', '05', '1e1', '20%', '1000', '1.0000001', 20])('may not have the rate %j', (rate) => {
    expect(TaxTerms.safeParse({ pricesInclude: true, rates: [{ ...rates[0], rate }] }).success).toBe(false);
  });

  it('may not have two rates of a category from one day', () => {
    expect(TaxTerms.safeParse({ pricesInclude: true, rates: [...rates, { ...rates[0], rate: '19' }] }).success).toBe(false);
    expect(TaxTerms.safeParse({ pricesInclude: true, rates: [...rates, { ...rates[0], from: '2027-01-01' }] }).success).toBe(true);
  });
});
