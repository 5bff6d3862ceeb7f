import type { OrderLine } from '@aisle/contracts';

/**
 * The columns of a line that its price decides; minor units. Adjustments are a text within the JSON that carries them: rules
 * write messages of any kind, and `json_to_recordset` unescapes all that it reads, but a text of JSON is stored as it is.
 */
export function lineAmounts({ gross, adjustments, net, share, degraded = false }: OrderLine) {
  return {
    gross_minor: gross.amount, adjustments: JSON.stringify(adjustments), net_minor: net.amount, share_minor: share.amount, degraded,
  };
}
