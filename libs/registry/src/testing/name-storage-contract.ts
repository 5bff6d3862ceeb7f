import type { NameClaim, NameStorage } from '../group/name-storage.ts';
import type { NodeRow } from '../membership/node-storage.ts';

/** The contract suite of every storage of names. `fresh` returns an empty storage. */
export function describeNameStorage(name: string, fresh: () => Promise<NameStorage>): void {
  describe(name, () => {
    let storage: NameStorage;
    beforeEach(async () => void (storage = await fresh()));

    it('starts without nodes and names', async () => {
      expect(await storage.view()).toEqual({ nodes: [] });
      expect(await storage.list()).toEqual([]);
      expect(await storage.find('till')).toBeUndefined();
    });

    it('shows the nodes with changing beats, also of a node that returns', async () => {
      await storage.beat(nodeOf('b'));
      await storage.beat(nodeOf('a'));
      const [first] = (await storage.view()).nodes;
      await storage.beat(nodeOf('a'));
      const [second, other] = (await storage.view()).nodes;
      await storage.remove('a');
      await storage.beat(nodeOf('a'));
      const [third] = (await storage.view()).nodes;

      expect([first?.incarnation, second?.incarnation, other?.incarnation]).toEqual(['a', 'a', 'b']);
      expect(new Set([first?.beat, second?.beat, third?.beat]).size).toBe(3);
    });

    it('gives a free name to a claim', async () => {
      const till = claim('till', 'a', { floor: 1 });

      expect(await storage.claim(till)).toEqual({ ...till, version: 0 });

      expect(await storage.find('till')).toEqual({ ...till, version: 0 });
    });

    it('returns the holder of a taken name', async () => {
      const first = await storage.claim(claim('till', 'a'));

      expect(await storage.claim(claim('till', 'b'))).toEqual(first);
    });

    it('answers a repeated claim alike', async () => {
      const till = claim('till', 'a');
      const first = await storage.claim(till);

      expect(await storage.claim(till)).toEqual(first);
    });

    it('gives a name to one of many concurrent claims', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => storage.claim(claim('till', `${index}`))),
      );

      expect(new Set(answers.map((row) => row.claim)).size).toBe(1);
    });

    it('replaces only the claim that was seen, for one of many', async () => {
      const seen = await storage.claim(claim('till', 'dead'));

      const takers = Array.from({ length: 5 }, (_, index) => claim('till', `${index}`));
      const answers = await Promise.all(takers.map((taker) => storage.claim(taker, seen)));

      const winners = new Set(answers.map((row) => row.claim));
      expect(winners.size).toBe(1);
      expect(winners.has(seen.claim)).toBe(false);
    });

    it('does not replace a claim that was renewed since it was seen', async () => {
      const seen = await storage.claim(claim('till', 'a'));

      expect(await storage.renew([seen.claim])).toEqual([seen.claim]);

      const renewed = { ...seen, version: 1 };
      expect(await storage.claim(claim('till', 'b'), seen)).toEqual(renewed);
      expect(await storage.claim(claim('till', 'b'), renewed)).toMatchObject({ incarnation: 'b', version: 0 });
    });

    it('renews only valid claims', async () => {
      const [lost, kept] = [await storage.claim(claim('lost', 'a')), await storage.claim(claim('kept', 'a'))];
      await storage.claim(claim('lost', 'b'), lost);

      expect(await storage.renew([lost.claim, kept.claim, 'never-heard-of'])).toEqual([kept.claim]);
    });

    it('frees a name, and not a later claim of it', async () => {
      const first = await storage.claim(claim('till', 'a'));
      const second = await storage.claim(claim('till', 'b'), first);

      await storage.release([first.claim]);
      expect(await storage.find('till')).toEqual(second);
      await storage.release([second.claim, second.claim]);
      await storage.release([]);

      expect(await storage.find('till')).toBeUndefined();
    });

    it('changes the value of a valid claim', async () => {
      const first = await storage.claim(claim('till', 'a'));

      expect(await storage.setValue(first.claim, ['open'])).toBe(true);
      expect(await storage.setValue('never-heard-of', 'x')).toBe(false);

      expect(await storage.find('till')).toMatchObject({ value: ['open'] });
    });

    it('stores a missing value as null', async () => {
      expect(await storage.claim({ ...claim('till', 'a'), value: undefined })).toMatchObject({ value: null });
    });

    it('lists names in the order of their keys, of all or of one incarnation', async () => {
      for (const [key, incarnation] of [['b', 'x'], ['a', 'y'], ['C', 'x']] as const) {
        await storage.claim(claim(key, incarnation));
      }

      expect((await storage.list()).map(({ key }) => key)).toEqual(['C', 'a', 'b']);
      expect((await storage.list('x')).map(({ key }) => key)).toEqual(['C', 'b']);
    });

    it('buries a node with its names, unless its beat has changed', async () => {
      await storage.beat(nodeOf('a'));
      await storage.claim(claim('till', 'a'));
      await storage.claim(claim('door', 'b'));
      const before = await onlyNode();
      await storage.beat(nodeOf('a'));

      await storage.bury(before);
      expect((await storage.list('a')).length).toBe(1);
      await storage.bury(await onlyNode());

      expect(await storage.view()).toEqual({ nodes: [] });
      expect((await storage.list()).map(({ key }) => key)).toEqual(['door']);
    });

    async function onlyNode(): Promise<NodeRow> {
      return (await storage.view()).nodes[0] as NodeRow;
    }
  });
}

let claims = 0;

function claim(key: string, incarnation: string, value: unknown = null): NameClaim {
  return { key, claim: `claim-${(claims += 1)}`, incarnation, queue: `queue-${incarnation}`, value };
}

function nodeOf(incarnation: string): { incarnation: string; queue: string; draining: boolean } {
  return { incarnation, queue: `queue-${incarnation}`, draining: false };
}
