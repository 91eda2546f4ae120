import { CfnJobDefinition } from 'aws-cdk-lib/aws-batch';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ModelDefinition, TrainerDefinition } from '../../../shared/contracts/model-definition.ts';
import { arnOf } from '../arns.ts';
import type { StageConfig } from '../config.ts';
import { allow, type EncryptedBucket, policy, readObjects, uploadObjects } from '../permissions.ts';

type BatchTrainer = Extract<TrainerDefinition, { kind: 'batch' }>;

/** Amazon's own image, for a shell; its package repository is locked to the image's release. */
const TRANSFER_IMAGE = 'public.ecr.aws/amazonlinux/amazonlinux:2023';
const MACHINE_LEARNING_ROOT = '/opt/ml';

const FETCH_COMMAND = [
  'set -eu',
  'dnf install -y -q awscli-2',
  'mkdir -p /opt/ml/input/data/train /opt/ml/input/config /opt/ml/model /opt/ml/output',
  'printf %s "$HYPERPARAMETERS" > /opt/ml/input/config/hyperparameters.json',
  'aws s3 cp "s3://$ARTIFACT_BUCKET/$TRAIN_KEY" /opt/ml/input/data/train/',
].join('\n');
const UPLOAD_COMMAND = [
  'set -eu',
  'dnf install -y -q awscli-2',
  'aws s3 cp --recursive /opt/ml/model "s3://$ARTIFACT_BUCKET/$OUTPUT_PREFIX"',
].join('\n');

/**
 * A Batch job that gives an image the `/opt/ml` contract of a SageMaker training job, which Batch does not know:
 * *fetch* and *train* run one after the other on a shared volume, *upload* is the essential container, so that the
 * job succeeds exactly when the model has arrived in the bucket.
 */
export class BatchTrainingJob extends Construct {
  readonly jobDefinitionArn: string;

  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly stage: StageConfig;
      readonly definition: ModelDefinition;
      readonly trainer: BatchTrainer;
      readonly artifacts: EncryptedBucket;
    },
  ) {
    super(scope, id);
    const { trainer, definition, artifacts } = props;
    const runs = `runs/${definition.name}/`;
    const jobRole = new Role(this, 'JobRole', {
      description: `Containers that train ${definition.name}`,
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
      inlinePolicies: { job: policy([...readObjects(artifacts, runs), ...uploadObjects(artifacts, runs)]) },
    });
    const executionRole = new Role(this, 'ExecutionRole', {
      description: `Pulls the images that train ${definition.name} and writes their logs`,
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
      inlinePolicies: {
        pull: policy([
          ...pullImages(),
          allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [arnOf(this, 'logs', 'log-group:/aws/batch/job:*')]),
        ]),
      },
    });
    const definitionResource = new CfnJobDefinition(this, 'Definition', {
      jobDefinitionName: `millrace-${props.stage.name}-train-${definition.name}`,
      type: 'container',
      platformCapabilities: ['EC2'],
      timeout: { attemptDurationSeconds: trainer.maxRuntimeMinutes * 60 },
      // A reclaimed spot instance is no failure of the training; anything else is.
      retryStrategy: {
        attempts: trainer.spot ? 3 : 1,
        evaluateOnExit: [
          { onStatusReason: 'Host EC2*', action: 'RETRY' },
          { onReason: '*', action: 'EXIT' },
        ],
      },
      ecsProperties: {
        taskProperties: [
          {
            executionRoleArn: executionRole.roleArn,
            taskRoleArn: jobRole.roleArn,
            volumes: [{ name: 'ml' }],
            containers: containersOf(trainer),
          },
        ],
      },
    });
    this.jobDefinitionArn = definitionResource.ref;
  }
}

const containersOf = (trainer: BatchTrainer): CfnJobDefinition.TaskContainerPropertiesProperty[] => {
  const mountPoints = [{ sourceVolume: 'ml', containerPath: MACHINE_LEARNING_ROOT, readOnly: false }];
  const transfer = {
    image: TRANSFER_IMAGE,
    resourceRequirements: [
      { type: 'VCPU', value: '1' },
      { type: 'MEMORY', value: '1024' },
    ],
    mountPoints,
  };
  return [
    { ...transfer, name: 'fetch', essential: false, command: ['sh', '-c', FETCH_COMMAND] },
    {
      name: 'train',
      image: trainer.image,
      essential: false,
      dependsOn: [{ containerName: 'fetch', condition: 'SUCCESS' }],
      resourceRequirements: [
        { type: 'VCPU', value: String(trainer.vcpus) },
        { type: 'MEMORY', value: String(trainer.memoryMb) },
        ...(trainer.gpus > 0 ? [{ type: 'GPU', value: String(trainer.gpus) }] : []),
      ],
      mountPoints,
    },
    {
      ...transfer,
      name: 'upload',
      essential: true,
      dependsOn: [{ containerName: 'train', condition: 'SUCCESS' }],
      command: ['sh', '-c', UPLOAD_COMMAND],
    },
  ];
};

/** Pulls images: which repository is the definition's choice, in any account, so the pull names all of them. */
export const pullImages = () => [
  allow(['ecr:GetAuthorizationToken'], ['*']),
  allow(
    ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    ['arn:aws:ecr:*:*:repository/*'],
  ),
];
