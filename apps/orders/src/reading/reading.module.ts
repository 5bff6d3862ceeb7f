import { withDatabaseErrors } from '@aisle/persistence';
import { DataSource } from '@aisle/persistence/nest';
import { CONNECTION, RUNTIME, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { OrderReadsRepository } from './order-reads.repository.ts';
import { OrderReads } from './order-reads.ts';

/** A repository whose failures name the database. */
export const repository = <T extends object>(type: new (database: DataSource) => T) =>
  provided(type, { database: DataSource, connection: CONNECTION }, ({ database, connection: { url } }) => withDatabaseErrors(url, new type(database)));

@Module({
  providers: [repository(OrderReadsRepository), provided(OrderReads, [OrderReadsRepository, RUNTIME])],
  exports: [OrderReads],
})
export class ReadingModule {}
