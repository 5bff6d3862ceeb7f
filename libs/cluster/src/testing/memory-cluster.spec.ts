import { MemoryJournal } from '@aisle/journal/testing';
import { systemRuntime } from '@aisle/std';
import { MemoryCluster } from './memory-cluster.ts';
import { describeClusterStorage } from './storage-contract.ts';

describeClusterStorage('MemoryCluster', async () => {
  const journal = new MemoryJournal(systemRuntime).storage('incarnation');
  return { cluster: new MemoryCluster(journal, 4), journal };
});
