import { History, type MessagePage, type StoredMessage } from './history.ts';

describe('History', () => {
  it('keeps messages in the order in which they arrived', () => {
    const history = historyOf(1, 2, 3);

    expect(seqs(history.page(0, 10))).toEqual([1, 2, 3]);
    expect(history.page(1, 1)).toEqual({ messages: [message(2)], more: true });
    expect(history.page(2, 1)).toEqual({ messages: [message(3)], more: false });
    expect(history.lastSeq).toBe(3);
  });

  it('adds a message once', () => {
    const history = historyOf(1, 2);

    history.add(message(2));

    expect(seqs(history.page(0, 10))).toEqual([1, 2]);
  });

  it('keeps a limited number of messages, and returns undefined for a page that is only in the store', () => {
    const history = historyOf(1, 2, 3, 4, 5, 6);

    expect(history.page(1, 10)).toBeUndefined();
    expect(seqs(history.page(2, 10))).toEqual([3, 4, 5, 6]);
    expect(history.find('m1')).toBeUndefined();
  });

  it('keeps a limited amount of text, if need be nothing', () => {
    const history = historyOf(1, 2);

    history.add({ ...message(3), json: 'x'.repeat(101) });

    expect(history.page(2, 10)).toBeUndefined();
    expect([seqs(history.page(3, 10)), history.lastSeq]).toEqual([[], 3]);
  });

  it('adds the further messages of the store after a crash', () => {
    const history = historyOf(1, 2);

    history.load([message(3), message(5)], false);

    expect(seqs(history.page(0, 10))).toEqual([1, 2, 3, 5]);
  });

  it('has no gap if the store has more messages than are loaded', () => {
    const history = historyOf(1, 2);

    history.load([message(7), message(8)], true);

    expect(history.page(2, 10)).toBeUndefined();
    expect(seqs(history.page(6, 10))).toEqual([7, 8]);
  });
});

function historyOf(...places: number[]): History {
  const history = new History({ messagesMax: 4, charsMax: 100 });
  for (const seq of places) history.add(message(seq));
  return history;
}

function message(seq: number): StoredMessage {
  return { seq, id: `m${seq}`, json: '"hello"', atMs: seq };
}

function seqs(page: MessagePage | undefined): number[] | undefined {
  return page?.messages.map(({ seq }) => seq);
}
