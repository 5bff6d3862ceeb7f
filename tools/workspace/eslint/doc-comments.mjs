// A relative clause is no subject: "the due rows", not "what is due". A reader has to find the noun of such a clause first.
const relative = /^(what|whatever|who|whoever|whose|whom|where|wherever|which|whichever|how)\b/i;

/** A doc comment begins with its subject, not with a relative clause in place of one. */
export const docComments = {
  meta: { type: 'suggestion', schema: [] },
  create(context) {
    const check = (comment) => {
      const [first = ''] = textOf(comment).match(/^\S+/) ?? [];
      if (!isDoc(comment) || !relative.test(first)) return;
      context.report({ loc: comment.loc, message: `"${first} …" is a clause, not a subject: begin with a noun.` });
    };
    return { Program: () => context.sourceCode.getAllComments().forEach(check) };
  },
};

function isDoc({ type, value }) {
  return type === 'Block' && value.startsWith('*');
}

function textOf({ value }) {
  return value.replace(/^[\s*]+/, '');
}
