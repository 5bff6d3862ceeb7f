/** The spellings of a kebab-case name. Throws an error that says what would be right. */
function spellings(name) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Error(`the name is kebab-case, such as gift-cards, not '${name}'`);
  }
  const camel = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  return { name, camel, pascal: camel[0].toUpperCase() + camel.slice(1), snake: name.replaceAll('-', '_') };
}

module.exports = { spellings };
