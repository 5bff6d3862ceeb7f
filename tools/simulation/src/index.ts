export type { BasketOperation, Lines } from './history/basket-model.ts';
export { History } from './history/history.ts';
export type { Invocation, OperationOutcome, RecordedOperation } from './history/history.ts';
export { checkLinearizable } from './history/linearizable.ts';
export type { CheckOptions, Verdict } from './history/linearizable.ts';
export { createNetwork } from './network/network.ts';
export type { SimulatedNetwork } from './network/network.ts';
export type { NetworkFaults, NetworkOptions } from './network/network-faults.ts';
export type { OnFrame, ProcessTransport } from './network/process-transport.ts';
export { SeedFailed, simulateSeeds } from './simulate-seeds.ts';
export type { SimulationBatch, SimulationReport } from './simulate-seeds.ts';
export { StorageFaults } from './storage/storage-faults.ts';
export type {
  CrashMoment, StorageCall, StorageFault, StorageFaultOptions, StorageFaultRates,
} from './storage/storage-faults.ts';
export { throughFaults } from './storage/through-faults.ts';
export type { FaultAnswers } from './storage/through-faults.ts';
export type { RangeMs } from './world/chance.ts';
export type { Coverage } from './world/coverage.ts';
export type { Cut } from './world/reachability.ts';
export type { ProcessOptions, SimulatedProcess } from './world/simulated-process.ts';
export { World } from './world/world.ts';
