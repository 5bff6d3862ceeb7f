import { opaqueTagOf, tagsOf, versionOf } from './entity-tag.ts';

describe('tagsOf', () => {
  it.each([
    ['*', 'any'],
    [' * ', 'any'],
    ['"7"', ['7']],
    ['W/"7"', ['W/7']],
    ['"6", W/"7"  ,"8"', ['6', 'W/7', '8']],
    ['"a,b","c"', ['a,b', 'c']],
    [', "7",, ', ['7']],
    ['""', ['']],
    ['"\xe9!#~"', ['\xe9!#~']],
  ])('reads %j', (header, tags) => {
    const read = tagsOf('If-Match', header);

    expect(read === 'any' ? read : read.map(({ isWeak, opaque }) => `${isWeak ? 'W/' : ''}${opaque}`)).toEqual(tags);
  });

  it.each(['', ' ', ',', '7', 'garbage', '"7', '7"', '"7"x', '"7" "8"', 'w/"7"', 'W/ "7"', '*, "7"', '"7", *', '"a b"', '"7";'])(
    'refuses %j', (header) => {
      expect(() => tagsOf('If-Match', header)).toThrow(
        expect.objectContaining({ kind: 'invalid', code: 'precondition.malformed', details: { header: 'If-Match' } }),
      );
    },
  );
});

describe('the tag of a document', () => {
  it.each([['7', 7], ['7-ab_c-D1', 7], ['07', undefined], ['0', undefined], ['-7', undefined], ['7.0', undefined], ['1e2', undefined],
    ['abc', undefined], ['', undefined], ['9999999999999999', undefined]])('%j is of version %s', (opaque, version) => {
    expect(versionOf({ isWeak: false, opaque })).toBe(version);
  });

  it('is its version, with a hash of the content if one version can have several documents', () => {
    const tags = [opaqueTagOf(7), opaqueTagOf(7, 'one'), opaqueTagOf(7, 'other'), opaqueTagOf(7, 'one')];

    expect(tags[0]).toBe('7');
    expect(new Set(tags).size).toBe(3);
    expect(tags.map((opaque) => versionOf({ isWeak: false, opaque }))).toEqual([7, 7, 7, 7]);
  });
});
