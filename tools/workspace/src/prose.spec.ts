import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sentencesOf, wordsOf } from './sentences.ts';

const root = join(__dirname, '../../..');
const WORDS_MAX = 30;

// Made by a program, or records of a time.
const NOT_CHECKED = /^(CHANGELOG|docs\/(messages|erd|failures|evidence\/.*))\.md$/;
const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' })
  .split('\n').filter((path) => path !== '' && !NOT_CHECKED.test(path));

describe('a document', () => {
  it.each(documents)(`has no sentence above ${WORDS_MAX} words: %s`, (path) => {
    const sentences = sentencesOf(readFileSync(join(root, path), 'utf8'));

    expect(sentences.filter((sentence) => wordsOf(sentence) > WORDS_MAX)).toEqual([]);
  });
});

describe('sentencesOf', () => {
  it.each<[what: string, markdown: string, sentences: string[]]>([
    ['ends a sentence at a full stop', 'One. Two (three). Four', ['One.', 'Two (three).', 'Four']],
    ['joins lines of a paragraph', 'One\ntwo.\n\nThree.', ['One two.', 'Three.']],
    ['takes each item of a list apart', '- one\n- two\n  three\n1. four', ['one', 'two three', 'four']],
    ['counts code and links as words', 'Use `a. b c` of [the d](e.md).', ['Use code of the d.']],
    ['leaves out code blocks, tables, headings and comments', '# A b\n```sh\na. b\n```\n| a. b |\n<!-- a. b -->\nC.', ['C.']],
  ])('%s', (_what, markdown, sentences) => {
    expect(sentencesOf(markdown)).toEqual(sentences);
  });
});
