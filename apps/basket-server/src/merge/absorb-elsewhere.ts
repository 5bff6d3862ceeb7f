import { clientTo, type Requester } from '@aisle/broker';
import { BasketProtocol } from '@aisle/contracts';
import type { Absorb } from './merger.ts';

/** Through the managers, who know where the other basket lives: here, or on any other server. */
export function absorbElsewhere(requester: Pick<Requester, 'request'>): Absorb {
  return ({ tenant, market, basket }, id, lines, { deadlineMs, traceparent }) =>
    clientTo(requester, BasketProtocol, { market, basket }, { id, tenant, deadlineMs, traceparent }).absorb(lines);
}
