import type { OrderLine } from '@aisle/contracts';

/** The facts of a line's product that a row keeps by name. */
export type LineFacts = Pick<OrderLine, 'unit' | 'tax'>;

/** The facts of a line as text within the JSON that carries it; null if it has none. */
function factsText({ unit, tax }: OrderLine): string | null {
  const facts: LineFacts = { unit, tax };
  return unit === undefined && tax === undefined ? null : JSON.stringify(facts);
}

/**
 * The columns of a line that its price determines, in minor units. Adjustments are passed as text within the JSON, because
 * rules write messages of any kind. `json_to_recordset` would unescape nested JSON, but stores a text unchanged.
 */
export function lineAmounts(line: OrderLine) {
  const { gross, adjustments, net, share, degraded = false } = line;
  return {
    facts: factsText(line),
    gross_minor: gross.amount, adjustments: JSON.stringify(adjustments), net_minor: net.amount, share_minor: share.amount, degraded,
  };
}
