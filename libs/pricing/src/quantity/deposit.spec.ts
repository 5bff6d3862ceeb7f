import { checkReturnable, depositsOf, type DepositingLine } from './deposit.ts';

describe('the deposits of lines', () => {
  const beer: DepositingLine = { line: 'l1', sku: 'BEER', quantity: 6, isByPiece: true, depositSku: 'PFAND8' };

  it('are lines of their own, that follow the quantities', () => {
    const lines = [beer, { line: 'l2', sku: 'TEA', quantity: 2, isByPiece: true }, { ...beer, line: 'l3', quantity: 1 }, { ...beer, line: 'l4', quantity: 0 }];

    expect(depositsOf(lines, () => true)).toEqual([{ of: 'l1', sku: 'PFAND8', quantity: 6 }, { of: 'l3', sku: 'PFAND8', quantity: 1 }]);
  });

  it('are refused for an unknown product, and for goods by weight', () => {
    expect(() => depositsOf([beer], () => false)).toThrow(expect.objectContaining({ code: 'deposit.unknown', details: { sku: 'BEER', deposit: 'PFAND8' } }));
    expect(() => depositsOf([{ ...beer, isByPiece: false }], () => true)).toThrow(expect.objectContaining({ code: 'deposit.fraction' }));
  });

  it('alone may have a quantity below 0', () => {
    expect(() => checkReturnable('PFAND8', -1, true)).not.toThrow();
    expect(() => checkReturnable('BEER', 1, false)).not.toThrow();
    expect(() => checkReturnable('BEER', -1, false)).toThrow(expect.objectContaining({ kind: 'rejected', code: 'deposit.not_returnable' }));
  });
});
