export { JournalModule } from './journal.module.ts';
export type { JournalModuleOptions } from './journal.module.ts';
