export { PersistenceModule } from './persistence.module.ts';
/** The token of the app's connections for rows. */
export { DataSource } from 'typeorm';
