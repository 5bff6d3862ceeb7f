import { fairShare } from './fair-share.ts';

describe('fairShare', () => {
  it.each([
    ['takes all that is free for one alone', '....', 1, { claim: [0, 1, 2, 3], release: [] }],
    ['takes no more than its share', '....', 2, { claim: [0, 1], release: [] }],
    ['takes only what is free', 'aa..', 2, { claim: [2, 3], release: [] }],
    ['rounds its share up, so that nothing is left over', '.....', 2, { claim: [0, 1, 2], release: [] }],
    ['gives up what is beyond its share', 'mmmm', 2, { claim: [], release: [2, 3] }],
    ['keeps what it has', 'mmaa', 2, { claim: [], release: [] }],
    ['leaves to others what is free beyond its share', 'mm..', 2, { claim: [], release: [] }],
  ])('%s', (_, owners, members, { claim, release }) => {
    const change = fairShare({ places: placesOf(owners), members }, 'm', 0);

    expect(change.claim.map(({ partition }) => partition)).toEqual(claim);
    expect(change.release.map(({ partition }) => partition)).toEqual(release);
  });

  it('begins at another free partition for each start', () => {
    const change = fairShare({ places: placesOf('....'), members: 4 }, 'm', 6);

    expect(change.claim).toMatchObject([{ partition: 2 }]);
  });
});

/** One letter per partition: its owner, or a dot. */
function placesOf(owners: string): { topic: string; partition: number; owner: string | null }[] {
  return [...owners].map((owner, partition) => ({ topic: 't', partition, owner: owner === '.' ? null : owner }));
}
