import { checkDigitOf, priceVerifierOf } from './check-digit.ts';

describe('the check digit of a GS1 number', () => {
  it.each([
    ['629104150021', 3], ['950110153100', 0], ['37610425002123456', 9], ['9501234', 6], ['540000000264', 9],
  ])('of %s is %d', (digits, right) => {
    expect(checkDigitOf(digits)).toBe(right);
  });
});

describe('the price verifier digit', () => {
  it.each([['2875', 9], ['14685', 6], ['0000', 0], ['00000', 0]])('of %s is %d', (digits, right) => {
    expect(priceVerifierOf(digits)).toBe(right);
  });

  it.each(['', '123', '123456'])('is unknown for the %s of other lengths', (digits) => {
    expect(priceVerifierOf(digits)).toBeUndefined();
  });

  it('changes with each single digit', () => {
    for (const digits of ['2875', '14685', '90909', '1357']) {
      for (let place = 0; place < digits.length; place += 1) {
        const others = '0123456789'.split('').map((digit) => priceVerifierOf(digits.slice(0, place) + digit + digits.slice(place + 1)));
        expect(new Set(others).size).toBe(10);
      }
    }
  });
});
