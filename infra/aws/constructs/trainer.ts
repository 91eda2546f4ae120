import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { ModelDefinition, TrainerDefinition } from '../../../shared/contracts/model-definition.ts';
import { arnOf } from '../arns.ts';
import type { StageConfig } from '../config.ts';
import { allow, type EncryptedBucket, listObjects, policy } from '../permissions.ts';
import { BatchTrainingJob, pullImages } from './batch-job.ts';
import type { BatchQueues } from './batch-queues.ts';
import type { PlatformFunction } from './platform-function.ts';

/** What the state `Train` of a model's pipeline needs: functions, tokens and permissions of its fragment. */
export interface Trainer {
  /** File in `state-machines/train/`. */
  readonly fragment: TrainerDefinition['kind'];
  readonly functions: Readonly<Record<string, PlatformFunction>>;
  readonly substitutions: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
}

export interface TrainerProps {
  readonly stage: StageConfig;
  readonly definition: ModelDefinition;
  readonly artifacts: EncryptedBucket;
  readonly trainModel: PlatformFunction;
  /** Made when the first model needs them. */
  readonly batchQueues: () => BatchQueues;
}

/** The resources that train a model where its definition says. */
export const trainerOf = (scope: Construct, props: TrainerProps): Trainer => {
  switch (props.definition.trainer.kind) {
    case 'built-in':
      return {
        fragment: 'built-in',
        functions: { 'train-model': props.trainModel },
        substitutions: {},
        statements: [],
      };
    case 'sagemaker':
      return sageMakerTrainer(scope, props);
    case 'batch':
      return batchTrainer(scope, props, props.definition.trainer);
  }
};

const sageMakerTrainer = (scope: Construct, { definition, artifacts }: TrainerProps): Trainer => {
  const runs = `runs/${definition.name}/`;
  const role = new Role(scope, 'TrainingRole', {
    description: `SageMaker trains ${definition.name}`,
    assumedBy: new ServicePrincipal('sagemaker.amazonaws.com'),
    inlinePolicies: {
      training: policy([
        allow(
          ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
          [artifacts.bucket.arnForObjects(`${runs}*`)],
        ),
        ...listObjects(artifacts),
        ...pullImages(),
        // Through S3 and by SageMaker itself, which encrypts outputs with the key named in the job.
        allow(['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'], [artifacts.key.keyArn]),
        allow(
          ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
          [arnOf(scope, 'logs', 'log-group:/aws/sagemaker/*')],
        ),
        allow(['cloudwatch:PutMetricData'], ['*'], {
          StringLike: { 'cloudwatch:namespace': '/aws/sagemaker/*' },
        }),
      ]),
    },
  });
  return {
    fragment: 'sagemaker',
    functions: {},
    substitutions: {
      ArtifactBucketName: artifacts.bucket.bucketName,
      TrainingRoleArn: role.roleArn,
      EncryptionKeyArn: artifacts.key.keyArn,
    },
    statements: [
      allow(
        [
          'sagemaker:CreateTrainingJob',
          'sagemaker:DescribeTrainingJob',
          'sagemaker:StopTrainingJob',
          'sagemaker:AddTags',
        ],
        [arnOf(scope, 'sagemaker', 'training-job/*')],
      ),
      allow(['iam:PassRole'], [role.roleArn], { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } }),
      ...managedRule(scope, 'StepFunctionsGetEventsForSageMakerTrainingJobsRule'),
    ],
  };
};

const batchTrainer = (
  scope: Construct,
  { stage, definition, artifacts, batchQueues }: TrainerProps,
  trainer: Extract<TrainerDefinition, { kind: 'batch' }>,
): Trainer => {
  const job = new BatchTrainingJob(scope, 'TrainingJob', { stage, definition, trainer, artifacts });
  const queueArn = batchQueues().queueArn({ gpu: trainer.gpus > 0, spot: trainer.spot });
  return {
    fragment: 'batch',
    functions: {},
    substitutions: {
      ArtifactBucketName: artifacts.bucket.bucketName,
      JobQueueArn: queueArn,
      JobDefinitionArn: job.jobDefinitionArn,
    },
    statements: [
      allow(['batch:SubmitJob'], [queueArn, job.jobDefinitionArn]),
      // Jobs have no ARN before they are submitted, and these two actions take no other resource.
      allow(['batch:DescribeJobs', 'batch:TerminateJob'], ['*']),
      ...managedRule(scope, 'StepFunctionsGetEventsForBatchJobsRule'),
    ],
  };
};

/** `.sync` waits by a rule that Step Functions keeps in the account. */
const managedRule = (scope: Construct, rule: string): PolicyStatement[] => [
  allow(['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], [arnOf(scope, 'events', `rule/${rule}`)]),
];
