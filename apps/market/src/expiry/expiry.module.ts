import { Requester } from '@aisle/broker';
import { ClusterNode } from '@aisle/cluster';
import { failureReport, part, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { CONTEXT } from '../market.config.ts';
import { Markets } from '../market/markets.ts';
import { MarketsModule } from '../market/markets.module.ts';
import { Ageing } from './ageing.ts';
import { ReservationDeadlines } from './reservation-deadlines.ts';
import { DueRows } from './due.repository.ts';

/** The deadlines of reservations, and the ageing of lots. */
@Module({
  imports: [MarketsModule],
  providers: [
    part('readers', 'deadlines', provided(ReservationDeadlines, { rows: DueRows, requester: Requester, context: CONTEXT },
      ({ rows, requester, context }) => new ReservationDeadlines({
        rows, requester, runtime: context.runtime, wakeups: (options) => context.wakeups('reservations', options),
        onFailed: failureReport(context, 'wake-up not scheduled'),
      }))),
    part('readers', 'ageing', provided(Ageing, { rows: DueRows, markets: Markets, node: ClusterNode, context: CONTEXT },
      ({ rows, markets, node, context }) => new Ageing({
        rows, markets, runtime: context.runtime, heldShards: () => node.heldShards, everyMs: context.config.LOTS_EVERY_MS,
        onFailed: failureReport(context, 'lots not aged'),
      }))),
  ],
  exports: [ReservationDeadlines],
})
export class ExpiryModule {}
