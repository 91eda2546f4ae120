/**
 * Names that two stacks must agree on without referring to each other (every stack depends on *data* alone).
 * Nothing stateful is among them.
 */

/** The inference function of a model; its alias in service is always `live`. */
export const inferenceFunctionName = (stage: string, model: string): string => `millrace-${stage}-infer-${model}`;
export const LIVE_ALIAS = 'live';
/** The function that answers for several models as one. */
export const compositionFunctionName = (stage: string, composition: string): string =>
  `millrace-${stage}-compose-${composition}`;

/** A model on ECS: the family of the task definition that a deploy brings, and its rollouts' name for the endpoint. */
export const inferenceServiceName = (stage: string, model: string): string => `millrace-${stage}-serve-${model}`;

const SERVICE_NAME = /^(millrace-[a-z0-9]+)-serve-/;

/** Whether an endpoint is a pair of ECS services rather than a function. */
export const isInferenceService = (endpointName: string): boolean => SERVICE_NAME.test(endpointName);

/** The family of the task definitions that pin a model version: those that services run. */
export const pinnedFamilyName = (serviceName: string): string => serviceName.replace(SERVICE_NAME, '$1-pinned-');

/** A model on ECS has two services: one serves while the other is given the next version. */
export type ServiceSlot = 'a' | 'b';
export const SERVICE_SLOTS: readonly ServiceSlot[] = ['a', 'b'];
export const slotServiceName = (serviceName: string, slot: ServiceSlot): string =>
  serviceName.replace(SERVICE_NAME, `$1-slot-${slot}-`);

export const servingClusterName = (stage: string): string => `millrace-${stage}-serving`;

/** The service of every registered model that has no definition. */
export const modelServerName = (stage: string): string => `millrace-${stage}-model-server`;

/** The model server's image on the embedded cloud, where a command stands for it: no registry has it. */
export const LOCAL_SERVER_IMAGE = `local/millrace-server@sha256:${'0'.repeat(64)}`;

/** What serves a model, by its definition's target. */
export const inferenceEndpointName = (
  stage: string,
  { name, deployment }: { readonly name: string; readonly deployment: { readonly target: 'lambda' | 'ecs' } },
): string => (deployment.target === 'ecs' ? inferenceServiceName(stage, name) : inferenceFunctionName(stage, name));

/** Paths under which a model answers, as rules of a load balancer write them. */
export const inferencePaths = (model: string): readonly string[] =>
  [`/v2/models/${model}`, `/models/${model}`].flatMap((path) => [path, `${path}/*`]);

/** The API key by which a client of the prediction API is known. */
export const apiKeyName = (stage: string, client: string): string => `millrace-${stage}-${client}`;

/** What the lineage table's partitions of usage begin with. */
export const USAGE_PREFIX = 'usage#';

/** What the registry table's partitions of paired comparisons begin with. */
export const SHADOW_PREFIX = 'shadow#';

/** What the registry table's partitions of notifications begin with. */
export const NOTIFICATION_PREFIX = 'notification#';

/** The Firehose stream that captures a model's predictions and labels. */
export const captureStreamName = (stage: string, model: string): string => `millrace-${stage}-capture-${model}`;

/** The state machine that trains a model. */
export const trainingPipelineName = (stage: string, model: string): string => `millrace-${stage}-train-${model}`;
/** The state machine that makes a version of a model again. */
export const reproductionName = (stage: string, model: string): string => `millrace-${stage}-reproduce-${model}`;
/** The state machine that takes in models which were trained elsewhere. */
export const modelUploadName = (stage: string): string => `millrace-${stage}-model-upload`;
/** The state machine that scores whole prefixes of Parquet objects. */
export const batchScoringName = (stage: string): string => `millrace-${stage}-batch-scoring`;
/** The function that rolls back by a person's word. */
export const rollBackFunctionName = (stage: string): string => `millrace-${stage}-roll-back`;
export const canaryRolloutName = (stage: string): string => `millrace-${stage}-canary-rollout`;
export const driftCheckName = (stage: string): string => `millrace-${stage}-drift-check`;

/** The Scheduler group that holds the retraining schedules and the one-time looks at the end of a cool-down. */
export const scheduleGroupName = (stage: string): string => `millrace-${stage}`;
