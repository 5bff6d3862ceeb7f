import { join } from 'node:path';
import { cycles } from './rules/cycles.ts';
import { importStyle } from './rules/import-style.ts';
import { leftovers } from './rules/leftovers.ts';
import { dependencies, rootKnows, tags } from './rules/manifests.ts';
import { names } from './rules/names.ts';
import { readmes } from './rules/readmes.ts';
import { sizes } from './rules/sizes.ts';
import { timeAndChance } from './rules/time-and-chance.ts';
import { unusedExports } from './rules/unused-exports.ts';
import { readWorkspace, type Rule } from './workspace.ts';

// A failure lists the findings: where, what, what to do. `rules.spec.ts` shows each rule at work.
const facts: [fact: string, rule: Rule][] = [
  ['takes time, chance and scheduling from libs/std alone', timeAndChance],
  ['has no circle of imports between files, not even for types', cycles],
  ['exports nothing that nobody uses', unusedExports],
  ['names files after what they hold, in kebab-case', names],
  ['imports files by their full name, and passes names on one by one', importStyle],
  ['keeps files, READMEs and ARCHITECTURE.md short enough to read', sizes],
  ['shows in the README of each lib an example of what it offers', readmes],
  ['holds no reminders, and no test that is skipped or runs alone', leftovers],
  ['tags each project with its kind and layer', tags],
  ['declares what each project imports, and imports what it declares', dependencies],
  ['type-checks and tests every project from the root', rootKnows],
];

describe('the workspace', () => {
  const workspace = readWorkspace(join(__dirname, '../../..'));

  it.each(facts)('%s', (_fact, rule) => {
    expect(rule(workspace).join('\n')).toBe('');
  });
});
