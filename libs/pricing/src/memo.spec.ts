import { Memo } from './memo.ts';

describe('Memo', () => {
  it('gives back what was set', () => {
    const memo = new Memo<string>(10);

    memo.set('tea', 'green');

    expect(memo.get('tea')).toBe('green');
    expect(memo.get('coffee')).toBeUndefined();
  });

  it('never holds more than its bound', () => {
    const memo = new Memo<number>(10);

    const sizes = Array.from({ length: 1000 }, (_, index) => {
      memo.set(`${index}`, index);
      return memo.size;
    });

    expect(Math.max(...sizes)).toBe(10);
  });

  it('keeps entries that are used again and drops the others', () => {
    const memo = new Memo<number>(10);
    memo.set('asked', 1);
    memo.set('forgotten', 2);

    for (let index = 0; index < 100; index += 1) {
      memo.set(`${index}`, index);
      expect(memo.get('asked')).toBe(1);
    }

    expect(memo.get('forgotten')).toBeUndefined();
  });
});
