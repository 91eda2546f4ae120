/**
 * Names that two stacks must agree on without referring to each other (every stack depends on *data* alone).
 * Nothing stateful is among them.
 */

/** The inference function of a model; its alias in service is always `live`. */
export const inferenceFunctionName = (stage: string, model: string): string => `millrace-${stage}-infer-${model}`;
export const LIVE_ALIAS = 'live';

/** The Firehose stream that captures a model's predictions and labels. */
export const captureStreamName = (stage: string, model: string): string => `millrace-${stage}-capture-${model}`;

/** The state machine that trains a model. */
export const trainingPipelineName = (stage: string, model: string): string => `millrace-${stage}-train-${model}`;
/** The state machine that makes a version of a model again. */
export const reproductionName = (stage: string, model: string): string => `millrace-${stage}-reproduce-${model}`;
/** The state machine that takes in models which were trained elsewhere. */
export const modelUploadName = (stage: string): string => `millrace-${stage}-model-upload`;
export const canaryRolloutName = (stage: string): string => `millrace-${stage}-canary-rollout`;
export const driftCheckName = (stage: string): string => `millrace-${stage}-drift-check`;

/** The Scheduler group that holds the retraining schedules and the one-time looks at the end of a cool-down. */
export const scheduleGroupName = (stage: string): string => `millrace-${stage}`;
