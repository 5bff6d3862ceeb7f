// Rules of this workspace under their own names: several restrictions of one kind may apply to one file, and each has
// its own message.
import { builtinRules } from 'eslint/use-at-your-own-risk';
import tseslint from 'typescript-eslint';
import { docComments } from './doc-comments.mjs';
import { fileNames } from './file-names.mjs';

const imports = tseslint.plugin.rules['no-restricted-imports'];
const syntax = builtinRules.get('no-restricted-syntax');

export const house = {
  rules: {
    'file-names': fileNames,
    'doc-comments': docComments,
    'file-imports': imports,
    'own-index': imports,
    'named-exports': syntax,
    'every-test-runs': syntax,
    'no-apps': imports,
    'database-home': imports,
    'redis-home': imports,
    'queues-home': imports,
    'zones-home': imports,
    'nest-at-the-edge': imports,
    pure: imports,
  },
};

/** Refuses imports by a regular expression. */
export const restrict = (rule, regex, message) => ({
  [`house/${rule}`]: ['error', { patterns: [{ regex, message }] }],
});

/** The style of imports and exports, everywhere. */
export const importStyle = {
  ...restrict(
    'file-imports',
    '^\\.{1,2}/(?!.*\\.(ts|tsx|mjs|cjs|json|css|wasm)$)',
    'Write the name of the file as it is on disk, with .ts.',
  ),
  'house/named-exports': [
    'error', { selector: 'ExportAllDeclaration[exported=null]', message: 'Name what is offered, one by one.' },
  ],
};

const testNames = '/^(describe|it|test)$/';
const notRun = '/^(skip|only|todo|failing|fixme)$/';
const runIt = 'Run it, mend it or delete it.';

/** No test is skipped or runs alone. */
export const everyTestRuns = {
  'house/every-test-runs': [
    'error',
    { selector: `MemberExpression[object.name=${testNames}][property.name=${notRun}]`, message: runIt },
    { selector: `MemberExpression[object.object.name=${testNames}][property.name=${notRun}]`, message: runIt },
    { selector: 'CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]', message: runIt },
  ],
};
