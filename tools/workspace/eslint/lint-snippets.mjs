// Lints texts as if they were at given paths, under the workspace's own configuration: JSON [{ path, code }] on stdin,
// the rule ids of each on stdout. It is a separate process, because Jest cannot import eslint.config.mjs as an ES
// module.
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const cwd = fileURLToPath(new URL('../../..', import.meta.url));
const eslint = new ESLint({ cwd, overrideConfig: [tseslint.configs.disableTypeChecked] });

const reports = [];
for (const { path, code } of JSON.parse(await text(process.stdin))) {
  const [result] = await eslint.lintText(code, { filePath: path });
  const rules = result.messages.map(({ ruleId, message }) => ruleId ?? message);
  reports.push([...new Set(rules)].filter((rule) => !rule.endsWith('no-unused-vars')));
}
process.stdout.write(JSON.stringify(reports));
