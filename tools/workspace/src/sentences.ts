/** Sentences of a Markdown text, without code blocks, tables, headings, comments and pictures. A piece of code is one word. */
export function sentencesOf(markdown: string): string[] {
  const prose = markdown
    .replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, '\n')
    .replace(/<!--[\s\S]*?-->/g, '\n')
    .replace(/^(#| *\||!\[).*$/gm, '\n')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/`[^`]+`/g, 'code');
  return prose.split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/).flatMap((block) =>
    block.trim().replace(/^([-*]|\d+\.) /, '').replace(/\s+/g, ' ').split(/(?<=[.!?]["')*]*) /).filter((sentence) => sentence !== ''));
}

/** The number of words of a sentence. */
export function wordsOf(sentence: string): number {
  return sentence.split(' ').filter((word) => /[\p{Letter}\p{Number}]/u.test(word)).length;
}
