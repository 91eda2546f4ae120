import { describe, expect, it } from 'vitest';
import { definition, type Resource, synthesise } from './synthesise.ts';

const IMAGE = `000000000000.dkr.ecr.us-east-1.amazonaws.com/trainer@sha256:${'a'.repeat(64)}`;

const trainingOf = (trainer: NonNullable<Parameters<typeof definition>[1]>['trainer']) => {
  const { training } = synthesise({ definitions: [definition('net', { trainer })] }).templates;
  const ofType = (type: string): readonly Resource[] =>
    Object.values(training.Resources).filter(({ Type }) => Type === type);
  const machine = ofType('AWS::StepFunctions::StateMachine').find(
    ({ Properties }) => Properties?.StateMachineName === 'millrace-dev-train-net',
  );
  const { States } = JSON.parse(String(machine?.Properties?.DefinitionString)) as {
    States: Record<string, { Resource?: string; Arguments?: Record<string, unknown>; TimeoutSeconds?: unknown }>;
  };
  return { training, ofType, train: States.Train, text: JSON.stringify(training) };
};

describe('a model that trains on SageMaker', () => {
  const { ofType, train, text } = trainingOf({ kind: 'sagemaker', image: IMAGE, instanceType: 'ml.g5.xlarge' });

  it('runs a training job and waits for it', () => {
    expect(train?.Resource).toBe('arn:aws:states:::sagemaker:createTrainingJob.sync');
    expect(train?.Arguments).toMatchObject({ OutputDataConfig: { CompressionType: 'NONE' } });
  });

  it('has a role for the job, and may wait by the managed rule', () => {
    expect(text).toContain('sagemaker.amazonaws.com');
    expect(text).toContain('rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule');
    expect(text).toContain('"iam:PassedToService":"sagemaker.amazonaws.com"');
  });

  it('needs neither network nor queue', () => {
    expect(ofType('AWS::EC2::VPC')).toEqual([]);
    expect(ofType('AWS::Batch::JobQueue')).toEqual([]);
  });
});

describe('a model that trains on Batch', () => {
  const { ofType, train, text } = trainingOf({ kind: 'batch', image: IMAGE, gpus: 1 });

  it('submits a job and waits for it', () => {
    expect(train?.Resource).toBe('arn:aws:states:::batch:submitJob.sync');
    expect(text).toContain('rule/StepFunctionsGetEventsForBatchJobsRule');
  });

  it('has a spot GPU environment that is empty while no job waits', () => {
    expect(ofType('AWS::Batch::ComputeEnvironment')).toHaveLength(1);
    expect(ofType('AWS::Batch::ComputeEnvironment')[0]?.Properties).toMatchObject({
      ComputeResources: { Type: 'SPOT', MinvCpus: 0, InstanceTypes: ['g4dn', 'g5', 'g6'] },
    });
  });

  it('gives the image the /opt/ml contract: fetch, train, then upload, which alone is essential', () => {
    const properties = ofType('AWS::Batch::JobDefinition')[0]?.Properties as {
      EcsProperties: { TaskProperties: [{ Containers: Record<string, unknown>[]; Volumes: unknown[] }] };
    };
    const [{ Containers, Volumes }] = properties.EcsProperties.TaskProperties;

    expect(Containers.map(({ Name, Essential, DependsOn }) => ({ Name, Essential, DependsOn }))).toEqual([
      { Name: 'fetch', Essential: false, DependsOn: undefined },
      { Name: 'train', Essential: false, DependsOn: [{ ContainerName: 'fetch', Condition: 'SUCCESS' }] },
      { Name: 'upload', Essential: true, DependsOn: [{ ContainerName: 'train', Condition: 'SUCCESS' }] },
    ]);
    expect(Containers.every(({ MountPoints }) => JSON.stringify(MountPoints).includes('/opt/ml'))).toBe(true);
    expect(Volumes).toHaveLength(1);
    expect(Containers[1]?.Image).toBe(IMAGE);
  });

  it('stands in public subnets without a NAT gateway and without a way in', () => {
    expect(ofType('AWS::EC2::NatGateway')).toEqual([]);
    expect(ofType('AWS::EC2::VPCEndpoint').map(({ Properties }) => Properties?.VpcEndpointType)).toEqual([
      'Gateway',
      'Gateway',
    ]);
    expect(ofType('AWS::EC2::SecurityGroup').map(({ Properties }) => Properties?.SecurityGroupIngress)).toEqual([
      undefined,
    ]);
  });

  it('shares its queue with every model of the same needs', () => {
    const batch = (gpus: number) => ({ kind: 'batch', image: IMAGE, gpus }) as const;
    const { training } = synthesise({
      definitions: [
        definition('a', { trainer: batch(1) }),
        definition('b', { trainer: batch(2) }),
        definition('c', { trainer: batch(0) }),
      ],
    }).templates;
    const queues = Object.values(training.Resources).filter(({ Type }) => Type === 'AWS::Batch::JobQueue');

    expect(queues.map(({ Properties }) => Properties?.JobQueueName).toSorted()).toEqual([
      'millrace-dev-cpu-spot',
      'millrace-dev-gpu-spot',
    ]);
  });
});

describe('a model with the built-in trainer', () => {
  it('is trained by a function and needs nothing else', () => {
    const { ofType, train } = trainingOf({ kind: 'built-in' });

    expect(train?.Resource).toBe('arn:aws:states:::lambda:invoke');
    expect(ofType('AWS::EC2::VPC')).toEqual([]);
  });
});
