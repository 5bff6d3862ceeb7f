import { clientTo, type Requester } from '@aisle/broker';
import { BasketProtocol } from '@aisle/contracts';
import type { Absorb } from './merger.ts';

/** Sends `absorb` through the managers, which know the server of the other basket. */
export function absorbElsewhere(requester: Pick<Requester, 'request'>): Absorb {
  return ({ tenant, market, basket }, id, lines, { by, deadlineMs, traceparent }) =>
    clientTo(requester, BasketProtocol, { market, basket }, { id, tenant, by, deadlineMs, traceparent }).absorb(lines);
}
