/** Sentences about things that do not exist. Several apps answer them, and the answers must not differ. */
export const ABSENT = {
  market: 'there is no such market; PUT it, or POST a product to it',
  order: 'there is no such order',
  basket: 'there is no such basket; PUT it, or add a line to it',
} as const;
