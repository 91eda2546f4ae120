export {
  type BatchingOptions,
  type BatchingPolicy,
  type BatchPlan,
  createBatchingPolicy,
  type WaitingRequest,
} from './batching-policy.ts';
export { batchable, batchKey, joinInputs, rowCountOf, splitOutputs } from './join-tensors.ts';
