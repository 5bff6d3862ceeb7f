import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strategyStoreContract } from '../testing/strategy-store-contract.ts';
import { FolderStrategyStore } from './folder-strategy-store.ts';

describe('FolderStrategyStore', () => {
  const folders: string[] = [];
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

  strategyStoreContract(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aisle-strategies-'));
    folders.push(folder);
    return new FolderStrategyStore(folder);
  });
});
