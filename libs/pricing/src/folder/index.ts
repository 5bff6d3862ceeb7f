export { FolderStrategyStore } from './folder-strategy-store.ts';
export { StrategyFolder } from './strategy-folder.ts';
export type { FolderEvent, StrategyFolderOptions } from './strategy-folder.ts';
