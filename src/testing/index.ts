export { describeExecutor } from './executor-conformance.ts';
export type { ExecutorUnderTest } from './executor-conformance.ts';
export { describeStorage } from './storage-conformance.ts';
export type { StorageUnderTest, TestKit } from './storage-conformance.ts';
