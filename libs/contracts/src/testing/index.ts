export { choiceBy } from './choices.ts';
export { fieldsOf } from './fields-of.ts';
export type { Field } from './fields-of.ts';
