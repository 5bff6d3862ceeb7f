import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { circlesIn } from './circles.ts';

const root = join(__dirname, '../../..');

describe('circles of imports', () => {
  it('are none in the workspace', () => {
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], { cwd: root, encoding: 'utf8' });
    const paths = listed.split('\n').filter((path) => path !== '' && existsSync(join(root, path)));
    expect(paths.length).toBeGreaterThan(500);

    expect(circlesIn(new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')])))).toEqual([]);
  });

  it('are found through any number of files, types included', () => {
    const circles = circlesIn(new Map([
      ['src/a.ts', `import { b } from './deep/b.ts';`],
      ['src/deep/b.ts', `import type { C } from '../c.ts';`],
      ['src/c.ts', `export { a } from './a.ts';`],
    ]));

    expect(circles).toEqual(['src/a.ts -> src/deep/b.ts -> src/c.ts -> src/a.ts']);
  });

  it('are none if a file is reached on two ways, or started as a worker', () => {
    const circles = circlesIn(new Map([
      ['src/a.ts', `import { b } from './b.ts'; import { c } from './c.ts';`],
      ['src/b.ts', `import { c } from './c.ts';`],
      ['src/c.ts', `new Worker(new URL('./a.ts', import.meta.url));`],
    ]));

    expect(circles).toEqual([]);
  });
});
