export { type ApprovalStep, decideApproval } from './decide-approval.ts';
export { describeFailure } from './describe-failure.ts';
export type * from './model-version.ts';
export {
  coolDownReason,
  planTraining,
  type RetrainingPolicy,
  type TrainingPlan,
  type TrainingRequest,
} from './plan-training.ts';
