import type { Requester } from '@aisle/broker';
import { BASKET_MESSAGES, type AbsorbReply } from '@aisle/contracts';
import type { Absorb } from './merger.ts';

const MANAGERS = 'basket-manager';

/** Through the managers, who know where the other basket lives: here, or on any other server. */
export function absorbElsewhere(requester: Pick<Requester, 'request'>): Absorb {
  return ({ tenant, market, basket: actor }, id, lines, { deadlineMs, traceparent }) => {
    const header = { id, type: BASKET_MESSAGES.absorb, tenant, market, actor, deadlineMs, traceparent };
    return requester.request<AbsorbReply>(MANAGERS, header, lines);
  };
}
