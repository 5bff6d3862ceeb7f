import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n').filter((path) => path !== '' && existsSync(join(root, path)));
const projects = files.filter((path) => /^(libs|apps|tools|examples)\/[^/]+\/package\.json$/.test(path)).map((path) => path.replace('/package.json', ''));

/** The tags of a kind. The boundary rule refuses imports of a project without them. */
const TAGS = { libs: /^type:lib,layer:\d$/, apps: /^type:app$/, tools: /^type:tool$/, examples: /^type:tool$/ };

describe.each(projects)('%s', (project) => {
  const [kind = '', folder = ''] = project.split('/');

  it('has the tags of its kind', () => {
    const { nx } = JSON.parse(readFileSync(join(root, project, 'package.json'), 'utf8')) as { nx: { tags: string[] } };

    expect(nx.tags.join()).toMatch(TAGS[kind as keyof typeof TAGS]);
  });

  it('is type-checked and tested from the root', () => {
    const references = readFileSync(join(root, 'tsconfig.json'), 'utf8');
    const hasTests = files.some((path) => path.startsWith(`${project}/`) && /\.(spec|sim)\.ts$/.test(path));

    expect(references).toContain(`"${kind}/${folder}"`);
    expect(existsSync(join(root, project, 'jest.config.cjs'))).toBe(hasTests);
  });
});

describe('the workspace', () => {
  it('holds no reminders outside of code, where lint finds them', () => {
    const scripts = files.filter((path) => /(\.(sql|lua|sh|ya?ml)|Dockerfile|\.ci\/run)$/.test(path));

    expect(scripts.filter((path) => /\b(TODO|FIXME)\b/.test(readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });

  it('lints anew when a rule or a tag changes, whatever the cache holds', () => {
    const config = readFileSync(join(root, 'eslint.config.mjs'), 'utf8');
    const own = [...config.matchAll(/from '\.\/(.+)'/g)].map(([, path]) => path ?? '');
    const { targetDefaults: { lint }, namedInputs } = JSON.parse(readFileSync(join(root, 'nx.json'), 'utf8')) as {
      targetDefaults: { lint: { inputs: unknown[] } }; namedInputs: { tags: string[] };
    };

    expect(own).not.toEqual([]);
    for (const path of own) expect(lint.inputs).toContain(`{workspaceRoot}/${path.replace(/\/[^/]+$/, '/**/*')}`);
    expect(lint.inputs).toEqual(expect.arrayContaining(['^default', 'tags', '{workspaceRoot}/eslint.config.mjs']));
    expect(namedInputs.tags).toEqual(['{workspaceRoot}/{libs,apps,tools}/*/package.json']);
  });

  it('keeps ARCHITECTURE.md short enough to read', () => {
    expect(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(200);
  });
});
