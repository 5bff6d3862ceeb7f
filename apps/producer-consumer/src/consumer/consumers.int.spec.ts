import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { isFailure } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import type { Group, GroupProcess } from '../testing/group.ts';
import { twoProcesses } from '../testing/two-processes.ts';
import type { Consumers } from './consumers.ts';

describe('Consumers', () => {
  const processes = twoProcesses();
  let group: Group;
  let one: GroupProcess;
  let other: GroupProcess;
  let names = 0;
  const someone = (): string => `consumer${(names += 1)}`;

  beforeEach(() => void ({ group, one, other } = processes()));

  describe('a name', () => {
    it('starts a consumer', async () => {
      const name = someone();

      const started = await one.consumers.start(of(name), 'start');

      expect(started).toEqual({
        consumer: { name, messages: [], next: null, restarts: 0, startedAt: expect.any(String) },
        replayed: false,
      });
      expect(one.server('consumer', name)?.alive).toBe(true);
    });

    it('that is taken is answered with already_started and the consumer', async () => {
      const name = someone();
      const { consumer } = await one.consumers.start(of(name), 'start');
      const { message } = await send(one.consumers, name, 'm1', 'Hello');

      for (const { consumers } of [one, other]) {
        await expect(consumers.start(of(name), 'another')).rejects.toMatchObject({
          kind: 'conflict', code: 'already_started', details: { consumer: { ...consumer, messages: [message] } },
        });
      }
    });

    it('is answered alike to a repetition of the command that started it', async () => {
      const name = someone();
      const { consumer } = await one.consumers.start(of(name), 'start');

      expect(await other.consumers.start(of(name), 'start')).toEqual({ consumer, replayed: true });
    });

    it('is held by one of two processes that start it at once', async () => {
      const name = someone();

      const outcomes = await Promise.allSettled([one, other].map(({ consumers }, n) => consumers.start(of(name), `start ${n}`)));

      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect([one.server('consumer', name), other.server('consumer', name)].filter((server) => server?.alive)).toHaveLength(1);
    });

    it('is free again when its consumer is stopped, and then has no messages', async () => {
      const name = someone();
      await one.consumers.start(of(name), 'start');
      await send(one.consumers, name, 'm1', 'Hello');

      await one.consumers.stop(of(name), 'stop');
      await other.consumers.stop(of(name), 'stop');

      await expect(other.consumers.stop(of(name), 'another stop')).rejects.toMatchObject({ code: 'consumer.missing' });
      await expect(other.consumers.read(of(name), PAGE)).rejects.toMatchObject({ kind: 'missing', code: 'consumer.missing' });
      expect((await other.consumers.start(of(name), 'again')).consumer.messages).toEqual([]);
    });

    it('that was never started is missing', async () => {
      await expect(send(one.consumers, someone(), 'm1', 'Hello')).rejects.toMatchObject({ code: 'consumer.missing' });
    });
  });

  describe('messages', () => {
    it('may be any JSON value, and are read in the order in which they arrived', async () => {
      const name = someone();
      await one.consumers.start(of(name), 'start');
      const bodies = ['Hello', 'a\u0000b \ud800', 7, null, { deep: [1, { er: true }] }];

      await Promise.all(bodies.map((body, index) => send(one.consumers, name, `m${index}`, body)));

      const { messages } = await one.consumers.read(of(name), PAGE);
      expect(messages.map(({ body }) => body)).toEqual(bodies);
      expect(messages.map(({ at }) => at)).toEqual(messages.map(({ at }) => at).sort());
    });

    it('are stored once under their id', async () => {
      const name = someone();
      await one.consumers.start(of(name), 'start');

      const sent = await Promise.all([1, 2, 3].map(() => send(one.consumers, name, 'm1', 'Hello')));
      const again = await send(one.consumers, name, 'm1', 'Hello');

      expect(sent.map(({ replayed }) => replayed)).toEqual([false, true, true]);
      expect(again).toEqual({ message: sent[0]?.message, replayed: true });
      await expect(send(one.consumers, name, 'm1', 'Goodbye')).rejects.toMatchObject({ code: 'idempotency.mismatch' });
      expect((await one.consumers.read(of(name), PAGE)).messages).toHaveLength(1);
    });

    it('are read page by page and known by id, even if they are no longer in memory', async () => {
      const name = someone();
      await one.consumers.start(of(name), 'start');
      const ids = Array.from({ length: 130 }, (_, index) => `m${index}`);
      await Promise.all(ids.map((id) => send(one.consumers, name, id, id)));

      const read: string[] = [];
      for (let cursor: string | null = '0'; cursor !== null; ) {
        const page = await one.consumers.read(of(name), { cursor, limit: 50 });
        read.push(...page.messages.map(({ id }) => id));
        cursor = page.next;
      }

      expect(read).toEqual(ids);
      expect(await send(one.consumers, name, 'm0', 'm0')).toMatchObject({ message: { id: 'm0' }, replayed: true });
      await expect(send(one.consumers, name, 'm0', 'm1')).rejects.toMatchObject({ code: 'idempotency.mismatch' });
    });

    it.each([['U+0000', 'zero \0 byte'], ['an id too long for an index', longId()]])(
      'that PostgreSQL refuses, for an id with %s, fail alone; their consumer lives', async (_what, id) => {
        const [name, neighbour] = [someone(), someone()];
        for (const who of [name, neighbour]) await one.consumers.start(of(who), 'start');
        const server = one.server('consumer', name);
        const ids = Array.from({ length: 40 }, (_, index) => `m${index}`);
        const toBoth = (some: readonly string[]) =>
          some.flatMap((good) => [name, neighbour].map((who) => send(one.consumers, who, good, good)));

        const sent = toBoth(ids.slice(0, 20));
        const refused = send(one.consumers, name, id, 's3cret').catch((error: unknown) => error);
        sent.push(...toBoth(ids.slice(20)));

        expect(await refused).toMatchObject({ name: 'DataRefused' });
        expect(inspect(await refused)).not.toContain('s3cret');
        expect((await Promise.all(sent)).map(({ replayed }) => replayed)).toEqual(Array(80).fill(false));
        for (const who of [name, neighbour]) {
          expect((await one.consumers.read(of(who), PAGE)).messages.map(({ id: read }) => read)).toEqual(ids);
        }
        expect(one.server('consumer', name)).toBe(server);
      });

    it('have shorter pages when they are long', async () => {
      const name = someone();
      await one.consumers.start(of(name), 'start');
      const long = 'x'.repeat(60_000);
      for (const id of ['m1', 'm2', 'm3', 'm4', 'm5']) await send(one.consumers, name, id, long);

      const first = await one.consumers.read(of(name), PAGE);
      const second = await one.consumers.read(of(name), { ...PAGE, cursor: first.next ?? '' });

      expect([first.messages.length, second.messages.length, second.next]).toEqual([4, 1, null]);
    });
  });

  describe('a history', () => {
    it('survives a crash of its consumer, whose supervisor restarts it', async () => {
      const name = someone();
      await one.consumers.start(of(name), 'start');
      await send(one.consumers, name, 'm1', 'before');
      const before = one.server('consumer', name);

      before?.exit('kill');
      await eventually(() => one.server('consumer', name)?.alive === true);
      await send(one.consumers, name, 'm2', 'after');

      expect(one.server('consumer', name)).not.toBe(before);
      expect(await one.consumers.read(of(name), PAGE)).toMatchObject({
        messages: [{ body: 'before' }, { body: 'after' }], restarts: 1,
      });
    });

    it('survives the end of its process, and the next process that gets a request has it', async () => {
      const name = someone();
      await one.consumers.start(of(name), 'start');
      await send(one.consumers, name, 'm1', 'before');
      await group.endAll();
      const next = await group.process(`next-${name}`);

      await send(next.consumers, name, 'm2', 'after');

      expect((await next.consumers.read(of(name), PAGE)).messages).toMatchObject([{ body: 'before' }, { body: 'after' }]);
    });

    it('is taken over from a dead process, which can no longer write', async () => {
      const name = someone();
      await one.consumers.start(of(name), 'start');
      await send(one.consumers, name, 'm1', 'of one');
      await expect(send(other.consumers, name, 'm2', 'of the other')).rejects.toMatchObject({
        code: 'registry.already_registered', holder: { incarnation: expect.stringMatching(/^one/) },
      });

      one.cutOff();
      await eventually(() => send(other.consumers, name, 'm2', 'of the other'));

      await expect(send(one.consumers, name, 'm3', 'too late')).rejects.toMatchObject({ kind: 'unavailable' });
      expect((await other.consumers.read(of(name), PAGE)).messages).toMatchObject([{ id: 'm1' }, { id: 'm2' }]);
    });

    it('has every acknowledged message once and in order, even if its consumer is killed repeatedly', async () => {
      const name = someone();
      await one.consumers.start(of(name), 'start');
      const acknowledged: string[] = [];
      for (let round = 0; round < 10; round += 1) {
        const ids = Array.from({ length: 20 }, (_, index) => `m${round}-${index}`);
        const sent = ids.map((id) => untilSent(one.consumers, name, id));
        one.server('consumer', name)?.exit('kill');
        await Promise.all(sent);
        acknowledged.push(...ids);
      }

      const { messages } = await one.consumers.read(of(name), { limit: 1_000 });

      expect(messages.map(({ id }) => id).sort()).toEqual(acknowledged.sort());
    });
  });

  it('are listed by name, page by page, whichever process has them', async () => {
    const list = { tenant: 'of the list' };
    for (const [index, name] of ['c', 'B', 'ä', 'a'].entries()) {
      await (index % 2 ? one : other).consumers.start({ ...list, name }, 'start');
    }

    const first = await one.consumers.list(list.tenant, { limit: 3 });
    const second = await other.consumers.list(list.tenant, { limit: 3, cursor: first.next ?? '' });

    expect([first, second].map(({ items }) => items.map(({ name }) => name))).toEqual([['B', 'a', 'c'], ['ä']]);
    expect([first.next, second.next]).toEqual(['c', null]);
  });
});

const PAGE = { limit: 1_000 };

/** An id that is too long for an index row and cannot be compressed. */
function longId(): string {
  return Array.from({ length: 125 }, (_, number) => createHash('sha256').update(`${number}`).digest('hex')).join('');
}

function of(name: string): { tenant: string; name: string } {
  return { tenant: 't', name };
}

function send(consumers: Consumers, name: string, id: string, body: unknown): ReturnType<Consumers['send']> {
  return consumers.send(of(name), { id, body });
}

/** Repeats unavailable requests under the same id, as the gateway does. */
async function untilSent(consumers: Consumers, name: string, id: string): Promise<void> {
  await eventually(() =>
    send(consumers, name, id, id).catch((failure: unknown) => {
      if (isFailure(failure) && failure.kind === 'unavailable') return false;
      throw failure;
    }),
  );
}
