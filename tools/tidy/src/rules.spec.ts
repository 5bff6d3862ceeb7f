import { cycles } from './rules/cycles.ts';
import { importStyle } from './rules/import-style.ts';
import { leftovers } from './rules/leftovers.ts';
import { dependencies, rootKnows, tags } from './rules/manifests.ts';
import { names } from './rules/names.ts';
import { readmes } from './rules/readmes.ts';
import { sizes } from './rules/sizes.ts';
import { timeAndChance } from './rules/time-and-chance.ts';
import { unusedExports } from './rules/unused-exports.ts';
import { workspaceOf, type Rule } from './workspace.ts';

type Files = Record<string, string>;

describe('time and chance', () => {
  const inLib = (code: string): string[] => found(timeAndChance, { 'libs/journal/src/a.ts': code });

  it.each([
    ['setTimeout(run, 10);', 'setTimeout'],
    ['globalThis.setTimeout(run, 10);', 'setTimeout'],
    ['const wait = setInterval;', 'setInterval'],
    ['schedule({ setImmediate });', 'setImmediate'],
    ['const at = Date.now();', 'Date.now'],
    [`const at = Date['now']();`, 'Date.now'],
    ['const { now } = Date;', 'Date.now'],
    ['const at = new Date();', 'new Date()'],
    ['const at = new globalThis.Date();', 'new Date()'],
    ['const at = Date();', 'Date()'],
    ['const chance = Math.random();', 'Math.random'],
    ['const at = process.hrtime.bigint();', 'process.hrtime'],
    ['process.nextTick(run);', 'process.nextTick'],
    ['const id = globalThis.crypto.randomUUID();', 'crypto.randomUUID'],
    ['const signal = AbortSignal.timeout(10);', 'AbortSignal.timeout'],
    [`import { setTimeout as wait } from 'node:timers/promises';`, 'an import of node:timers/promises'],
    [`import { randomBytes } from 'crypto';`, 'randomBytes from crypto'],
    [`const { performance } = await import('node:perf_hooks'); performance.now();`, 'performance.now'],
  ])('are found in %s', (code, what) => {
    expect(inLib(code)).toEqual([
      `libs/journal/src/a.ts:1 ${what}: take a Runtime from @aisle/std by parameter and use its ` +
        'clock, timers, random or defer',
    ]);
  });

  it.each([
    '// setTimeout(run, 10) and Date.now() are words here',
    `const hint = 'setTimeout(run, 10); Date.now()';`,
    'const at = new Date(0);',
    'runtime.timers.setTimeout(run);',
    'class Timers { setTimeout(): void {} }',
    'const at = clock.now();',
    `import { createHash } from 'node:crypto';`,
  ])('are not in %s', (code) => {
    expect(inLib(code)).toEqual([]);
  });

  it.each(['libs/std/src/a.ts', 'tools/dev/src/a.ts'])('may be reached for in %s', (path) => {
    expect(found(timeAndChance, { [path]: 'setTimeout(run, 10);' })).toEqual([]);
  });
});

describe('circles of imports', () => {
  it('are found through any number of files, types included', () => {
    const findings = found(cycles, {
      'libs/std/src/a.ts': `import { b } from './b.ts';`,
      'libs/std/src/b.ts': `\nimport type { C } from './c.ts';`,
      'libs/std/src/c.ts': `export { a } from './a.ts';`,
    });

    expect(findings).toEqual([
      'libs/std/src/a.ts:1 -> libs/std/src/b.ts:2 -> libs/std/src/c.ts:1: move what both sides need ' +
        'into a file of its own',
    ]);
  });

  it('are none where a file is reached on two ways, or started as a worker', () => {
    const findings = found(cycles, {
      'libs/std/src/a.ts': `import { b } from './b.ts'; import { c } from './c.ts';`,
      'libs/std/src/b.ts': `import { c } from './c.ts';`,
      'libs/std/src/c.ts': `new Worker(new URL('./a.ts', import.meta.url));`,
    });

    expect(findings).toEqual([]);
  });
});

describe('unused exports', () => {
  const used = `import { a } from './a.ts'; a();`;

  it('are found where only a test keeps them alive', () => {
    const findings = found(unusedExports, {
      'libs/journal/src/a.ts': 'export function a(): void {}\nexport function b(): void {}',
      'libs/journal/src/c.ts': used,
      'libs/journal/src/a.spec.ts': `import { b } from './a.ts'; b();`,
    });

    expect(findings).toEqual([
      'libs/journal/src/a.ts:2 b is used by no other file: drop the export, or the code',
    ]);
  });

  it('are none where a spec tests what the file itself needs', () => {
    const findings = found(unusedExports, {
      'libs/journal/src/a.ts': 'export function a(): void { b(); }\nexport function b(): void {}',
      'libs/journal/src/c.ts': used,
      'libs/journal/src/a.spec.ts': `import { b } from './a.ts'; b();`,
    });

    expect(findings).toEqual([]);
  });

  it('are none where a type is part of what is used', () => {
    const findings = found(unusedExports, {
      'libs/journal/src/a.ts':
        'export function a(options: Options): void {}\n' +
        'export interface Options { readonly limits: Limits }\n' +
        'export interface Limits { readonly bytesMax: number }',
      'libs/journal/src/c.ts': used,
    });

    expect(findings).toEqual([]);
  });

  it('are found at a lib’s entry when neither another project nor the README uses them', () => {
    const findings = found(unusedExports, {
      'libs/journal/src/index.ts': `export { a } from './a.ts';\nexport { b, c, type D } from './b.ts';`,
      'libs/journal/src/a.ts': 'export const a = 1;',
      'libs/journal/src/b.ts':
        'export const b = 1;\nexport const c = (d: D): void => {};\nexport interface D {}',
      'libs/journal/README.md': 'Call `c`.',
      'apps/gateway/src/main.ts': `import { a } from '@aisle/journal'; a;`,
      'apps/gateway/src/main.spec.ts': `import { b } from '@aisle/journal'; b;`,
    });

    expect(findings).toEqual([
      'libs/journal/src/index.ts:2 b is used by nobody outside: drop it here, or show its use in ' +
        'the README',
    ]);
  });

  it('are none in what is there for tests', () => {
    const findings = found(unusedExports, {
      'libs/journal/src/testing/database.ts': 'export const database = 1;',
      'libs/journal/src/a.spec.ts': `import { database } from './testing/database.ts'; database;`,
    });

    expect(findings).toEqual([]);
  });
});

describe('names', () => {
  it.each([
    ['libs/std/src/virtualRuntime.ts', '"virtualRuntime" is not kebab-case'],
    ['libs/std/src/virtual_runtime.ts', '"virtual_runtime" is not kebab-case'],
    ['libs/std/src/utils/clock.ts', '"utils" is a drawer: name it after what it holds'],
    ['apps/gateway/src/types.ts', '"types" is a drawer: name it after what it holds'],
    [
      'apps/gateway/src/basket.service.ts',
      '".service" is no role at run time: name the file after its noun or verb',
    ],
  ])('of %s are found: %s', (path, what) => {
    expect(found(names, { [path]: '' })).toEqual([`${path}:1 ${what}`]);
  });

  it.each([
    'apps/basket-server/src/basket.actor.ts',
    'libs/journal/src/append.int.spec.ts',
    'libs/journal/jest.config.cjs',
    'libs/journal/README.md',
  ])('such as %s are fine', (path) => {
    expect(found(names, { [path]: '' })).toEqual([]);
  });
});

describe('imports and exports', () => {
  it.each([
    [`import { b } from './b';`, `'./b' has no extension: write the name of the file, with .ts`],
    [`import { b } from './b.js';`, `'./b.js' is no file: write .ts, the compiler rewrites it`],
    [`export * from './b.ts';`, `'./b.ts' is passed on by export *: name what is offered`],
    [`import { b } from './index.ts';`, `'./index.ts' is the index of this very lib: import the file`],
  ])('such as %s are found', (code, what) => {
    const findings = found(importStyle, {
      'libs/std/src/a.ts': code,
      'libs/std/src/b.ts': '',
      'libs/std/src/index.ts': '',
    });

    expect(findings).toEqual([`libs/std/src/a.ts:1 ${what}`]);
  });
});

describe('sizes', () => {
  const lines = (count: number, line: string): string => `${line}\n`.repeat(count);

  it.each([
    ['libs/std/src/a.ts', 401, 'run();', 'split it by its nouns'],
    ['libs/std/src/a.spec.ts', 401, 'run();', 'split it by its nouns'],
    ['libs/std/README.md', 61, 'words', 'keep what its users need'],
    ['ARCHITECTURE.md', 201, 'words', 'move what concerns one project into its README'],
  ])('of %s are found at %i lines', (path, count, line, advice) => {
    expect(found(sizes, { [path]: lines(count, line) })).toEqual([
      `${path}:${count} has ${count} lines: ${advice}`,
    ]);
    expect(found(sizes, { [path]: lines(count - 1, line) })).toEqual([]);
  });

  it('of data are as they have to be', () => {
    const table = `export const cases = [\n${lines(500, '  { quantity: 1 },')}];`;

    expect(found(sizes, { 'libs/pricing/src/cases.ts': table })).toEqual([]);
  });
});

describe('READMEs', () => {
  const lib = (readme: string): Files => ({
    'libs/std/src/index.ts': `export { assert } from './assert.ts';`,
    'libs/std/README.md': readme,
  });

  it.each([
    ['', '1 is missing: say what the lib is for, and show an example'],
    ['Words.', '1 has no example: show one that runs'],
    [
      `Words.\n\n\`\`\`ts\nimport { assert, gone } from '@aisle/std';\n\`\`\`\n`,
      '3 the example imports gone, which @aisle/std does not offer',
    ],
  ])('such as %j are found', (readme, what) => {
    expect(found(readmes, lib(readme))).toEqual([`libs/std/README.md:${what}`]);
  });
});

describe('leftovers', () => {
  it.each([
    ['libs/std/src/a.ts', '\n// TODO: later', '2 TODO: do it now, or open an issue'],
    ['docker/Dockerfile', '# FIXME', '1 FIXME: do it now, or open an issue'],
    ['libs/std/src/a.spec.ts', `it.skip('works', run);`, '1 it.skip: run it, mend it or delete it'],
    ['libs/std/src/a.spec.ts', `describe.only('a', run);`, '1 describe.only: run it, mend it or delete it'],
    ['libs/std/src/a.spec.ts', `it.skip.each(rows)('a', run);`, '1 it.skip: run it, mend it or delete it'],
    ['libs/std/src/a.spec.ts', `xit('works', run);`, '1 xit: run it, mend it or delete it'],
  ])('in %s are found: %s', (path, text, what) => {
    expect(found(leftovers, { [path]: text })).toEqual([`${path}:${what}`]);
  });

  it('are not in strings, nor in methods that share a name', () => {
    const text = `const advice = 'TODO'; list.skip(3); it('TODO does not land', run);`;

    expect(found(leftovers, { 'libs/std/src/a.spec.ts': text })).toEqual([]);
  });
});

describe('manifests', () => {
  it('without the tags of their kind and layer are found', () => {
    const findings = found(tags, {
      'apps/gateway/package.json': '{ "nx": { "tags": ["type:lib"] } }',
      'libs/journal/package.json': '{ "nx": { "tags": ["type:lib", "layer:4"] } }',
      'libs/novelty/package.json': '{}',
    });

    expect(findings).toEqual([
      'apps/gateway/package.json:1 nx.tags are [type:lib]: make them [type:app]',
      'libs/novelty/package.json:1 has no layer: add it to tools/tidy/src/rules/manifests.ts',
    ]);
  });

  it('that miss a dependency, or carry one that nothing imports, are found', () => {
    const findings = found(dependencies, {
      'package.json': '{ "devDependencies": { "fast-check": "4" } }',
      'libs/journal/package.json':
        '{\n"name": "@aisle/journal",\n"dependencies": {\n"typeorm": "1",\n"pg": "8",\n"pino": "10",\n"zod": "4"\n}\n}',
      'libs/journal/src/a.ts': `import 'node:fs';\nimport 'typeorm';\nimport 'rxjs/operators';\nimport 'fast-check';`,
      'libs/journal/src/log.ts': `start({ transport: 'pino' });`,
      'libs/journal/src/a.spec.ts': `import 'fast-check';\nimport 'zod';`,
      'node_modules/typeorm/package.json': '{ "peerDependencies": { "pg": "8" } }',
    });

    expect(findings).toEqual([
      'libs/journal/src/a.ts:3 imports rxjs: add it to dependencies of libs/journal',
      'libs/journal/src/a.ts:4 imports fast-check: add it to dependencies of libs/journal',
      'libs/journal/package.json:7 zod is imported by nothing that ships: remove it, or move it to ' +
        'devDependencies',
    ]);
  });

  it('of projects that the root does not know are found', () => {
    const findings = found(rootKnows, {
      'tsconfig.json': '{ "references": [{ "path": "libs/std" }] }',
      'libs/std/tsconfig.json': '{}',
      'libs/journal/tsconfig.json': '{}',
      'libs/journal/src/a.spec.ts': '',
    });

    expect(findings).toEqual([
      'tsconfig.json:1 does not reference libs/journal: add it, or nothing type-checks it',
      'libs/journal/src/a.spec.ts:1 is run by nothing: add libs/journal/jest.config.cjs',
    ]);
  });
});

/** What a rule finds in these files; every project among them gets a package.json if it has none. */
function found(rule: Rule, files: Files): string[] {
  const manifests: Files = {};
  for (const path of Object.keys(files)) {
    const [, project, name] = /^((?:libs|apps|tools)\/([^/]+))\//.exec(path) ?? [];
    if (!project || !name) continue;
    const entry = { '.': { '@aisle/source': './src/index.ts' } };
    manifests[`${project}/package.json`] = JSON.stringify({ name: `@aisle/${name}`, exports: entry });
  }
  return rule(workspaceOf({ ...manifests, ...files }));
}
