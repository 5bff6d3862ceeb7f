export { FolderStrategyStore } from './folder-strategy-store.ts';
export { FolderWatcher } from './folder-watcher.ts';
export type { FolderEvent, FolderWatcherOptions } from './folder-watcher.ts';
