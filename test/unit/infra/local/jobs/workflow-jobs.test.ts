import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApiCaller } from '../../../../../infra/local/api-caller.ts';
import type { CloudPorts, ServiceContext } from '../../../../../infra/local/contracts.ts';
import { createBatchService } from '../../../../../infra/local/jobs/batch.ts';
import { createSageMakerService } from '../../../../../infra/local/jobs/sagemaker.ts';
import { createS3Service } from '../../../../../infra/local/s3/service.ts';
import { startWorkflows, TEST_ROLE, type Workflows } from '../../../../helpers/workflow.ts';

const IMAGE = 'trainers.example/toy@sha256:1';
const TRAINER = `
const fs = require('node:fs');
const root = process.env.MILLRACE_ML_ROOT;
const { rounds } = JSON.parse(fs.readFileSync(root + '/input/config/hyperparameters.json', 'utf8'));
const [file] = fs.readdirSync(root + '/input/data/train');
fs.writeFileSync(root + '/model/model.onnx', fs.readFileSync(root + '/input/data/train/' + file, 'utf8') + '*' + rounds);
`;

/** Jobs as workflows start them: by the SDK over the wire, with S3 on the same endpoint. */
describe('a workflow that trains', () => {
  let folder: string;
  let workflows: Workflows;
  let s3: S3Client;
  let caller: { readonly call: CloudPorts['call']; close(): void } | undefined;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-workflow-jobs-'));
    const file = join(folder, 'trainer.cjs');
    writeFileSync(file, TRAINER);
    const localImages = { [IMAGE]: [process.execPath, file] };
    workflows = await startWorkflows({
      services: [
        createS3Service,
        (context: ServiceContext) => createSageMakerService(context, { localImages }),
        (context: ServiceContext) => createBatchService(context, { localImages }),
      ],
      call: (service, action, parameters) => caller?.call(service, action, parameters, TEST_ROLE),
    });
    const { endpoint, credentials, clientConfig } = workflows.local;
    caller = createApiCaller({ region: clientConfig.region, endpoint: () => endpoint, credentials });
    s3 = new S3Client({ ...clientConfig, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
    await s3.send(new PutObjectCommand({ Bucket: 'artifacts', Key: 'runs/features/train.parquet', Body: 'rows' }));
  });
  afterEach(async () => {
    s3.destroy();
    caller?.close();
    await workflows.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const read = async (Key: string): Promise<string | undefined> =>
    (await s3.send(new GetObjectCommand({ Bucket: 'artifacts', Key }))).Body?.transformToString();
  const machine = (task: Record<string, unknown>): unknown => ({
    QueryLanguage: 'JSONata',
    StartAt: 'Train',
    States: { Train: { Type: 'Task', TimeoutSeconds: 600, End: true, ...task } },
  });

  it('on SageMaker', async () => {
    const result = await workflows.run(
      machine({
        Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync',
        Arguments: {
          TrainingJobName: 'run-1-candidate',
          RoleArn: TEST_ROLE,
          AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File' },
          HyperParameters: { rounds: '3' },
          InputDataConfig: [
            {
              ChannelName: 'train',
              DataSource: {
                S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://artifacts/runs/features/train.parquet' },
              },
            },
          ],
          OutputDataConfig: { S3OutputPath: 's3://artifacts/jobs', CompressionType: 'NONE' },
          ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
          StoppingCondition: { MaxRuntimeInSeconds: 60 },
        },
        Output: '{% $states.result.ModelArtifacts.S3ModelArtifacts %}',
      }),
    );

    expect(result).toMatchObject({ status: 'SUCCEEDED', output: 's3://artifacts/jobs/run-1-candidate/output/model/' });
    expect(await read('jobs/run-1-candidate/output/model/model.onnx')).toBe('rows*3');
  });

  it("on Batch, by the platform's own commands", async () => {
    const batch = workflows.local.services.find(({ signingName }) => signingName === 'batch');
    const create = async (type: string, properties: Record<string, unknown>): Promise<string> =>
      (await batch?.resources[type]?.create({ stackName: 's', logicalId: 'L', generatedName: 's-L-1', properties }))
        ?.physicalId ?? '';
    const shell = (name: string, command: string): Record<string, unknown> => ({
      Name: name,
      Image: 'public.ecr.aws/amazonlinux/amazonlinux:2023',
      Command: ['sh', '-c', command],
      MountPoints: [{ SourceVolume: 'ml', ContainerPath: '/opt/ml' }],
    });
    const dependsOn = (name: string) => ({ DependsOn: [{ ContainerName: name, Condition: 'SUCCESS' }] });
    const fetch = [
      'set -eu',
      'dnf install -y -q awscli-2',
      'mkdir -p /opt/ml/input/data/train /opt/ml/input/config /opt/ml/model',
      'printf %s "$HYPERPARAMETERS" > /opt/ml/input/config/hyperparameters.json',
      'aws s3 cp "s3://$ARTIFACT_BUCKET/$TRAIN_KEY" /opt/ml/input/data/train/',
    ].join('\n');
    const upload = 'aws s3 cp --recursive /opt/ml/model "s3://$ARTIFACT_BUCKET/$OUTPUT_PREFIX"';
    const jobDefinition = await create('AWS::Batch::JobDefinition', {
      Type: 'container',
      EcsProperties: {
        TaskProperties: [
          {
            TaskRoleArn: TEST_ROLE,
            Volumes: [{ Name: 'ml' }],
            Containers: [
              { ...shell('fetch', fetch), Essential: false },
              {
                Name: 'train',
                Image: IMAGE,
                Essential: false,
                ...dependsOn('fetch'),
                MountPoints: shell('', '').MountPoints,
              },
              { ...shell('upload', upload), Essential: true, ...dependsOn('train') },
            ],
          },
        ],
      },
    });
    const jobQueue = await create('AWS::Batch::JobQueue', { Priority: 1, ComputeEnvironmentOrder: [] });
    const environment = (Name: string, values: Record<string, string>) => ({
      Name,
      Environment: Object.entries({ ARTIFACT_BUCKET: 'artifacts', ...values }).map(([key, Value]) => ({
        Name: key,
        Value,
      })),
    });

    const result = await workflows.run(
      machine({
        Resource: 'arn:aws:states:::batch:submitJob.sync',
        Arguments: {
          JobName: 'train',
          JobQueue: jobQueue,
          JobDefinition: jobDefinition,
          Timeout: { AttemptDurationSeconds: 60 },
          EcsPropertiesOverride: {
            TaskProperties: [
              {
                Containers: [
                  environment('fetch', { TRAIN_KEY: 'runs/features/train.parquet', HYPERPARAMETERS: '{"rounds":"3"}' }),
                  environment('upload', { OUTPUT_PREFIX: 'runs/model/' }),
                ],
              },
            ],
          },
        },
        Output: '{% $states.result.Status %}',
      }),
    );

    expect(result).toMatchObject({ status: 'SUCCEEDED', output: 'SUCCEEDED' });
    expect(await read('runs/model/model.onnx')).toBe('rows*3');
  });
});
