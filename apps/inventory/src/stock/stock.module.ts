import { DataSource } from '@aisle/persistence/nest';
import { Module } from '@nestjs/common';
import { StockProjectionRepository } from './stock-projection.repository.ts';

/** The movements of stock, as markets tell them. */
@Module({
  providers: [{
    provide: StockProjectionRepository,
    inject: [DataSource],
    useFactory: (database: DataSource) => new StockProjectionRepository(database),
  }],
  exports: [StockProjectionRepository],
})
export class StockModule {}
