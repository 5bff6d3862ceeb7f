export { PersistenceModule } from './persistence.module.ts';
/** The token of the app's TypeORM data source. */
export { DataSource } from 'typeorm';
