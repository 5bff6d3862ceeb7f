export { MemoryJournal } from './memory-journal.ts';
export type { MemoryJournalOptions } from './memory-journal.ts';
