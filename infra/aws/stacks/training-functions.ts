import type { Role } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { scheduleGroupName, trainingPipelineName } from '../../../shared/contracts/names.ts';
import { arnOf } from '../arns.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import {
  allow,
  listObjects,
  listObjectsUnder,
  publishEvents,
  readObjects,
  useItems,
  writeObjects,
} from '../permissions.ts';
import { addRecordRun } from './record-run-function.ts';
import { duckDbLayer, functionAdder, onnxRuntimeLayer, type PlatformStackProps } from './stack-context.ts';

/** Functions that a training pipeline invokes, by folder; `train-model` only where its trainer is built in. */
export type PipelineFunctions = Readonly<Record<(typeof PIPELINE_FOLDERS)[number] | 'train-model', PlatformFunction>>;

export const PIPELINE_FOLDERS = [
  'record-run',
  'snapshot-data',
  'build-features',
  'estimate-retraining',
  'collect-model',
  'evaluate-model',
  'profile-model',
  'register-model-version',
  'decide-approval',
] as const;

/** DuckDB and the trainer work in memory and in /tmp: a dataset of a few million rows fits. */
const FEATURE_WORK = { memoryMb: 4_096, timeoutSeconds: 900, temporaryStorageMb: 8_192 };
/** The most memory is also the most processor: the built-in trainer has 15 minutes. */
const TRAINING_WORK = { memoryMb: 10_240, timeoutSeconds: 900, temporaryStorageMb: 8_192 };

export const addPipelineFunctions = (scope: Construct, props: PlatformStackProps): PipelineFunctions => {
  const { artifacts, data, registry, lineage } = props.data;
  const add = functionAdder(scope, props);
  const duckDb = duckDbLayer(scope, props);
  const onnxRuntime = onnxRuntimeLayer(scope, props);
  const ARTIFACT_BUCKET = artifacts.bucket.bucketName;
  const DATA_BUCKET = data.bucket.bucketName;
  const REGISTRY_TABLE = registry.table.tableName;
  const LINEAGE_TABLE = lineage.table.tableName;
  const recordEdges = useItems(lineage, 'UpdateItem');
  const runs = [...readObjects(artifacts, 'runs/'), ...writeObjects(artifacts, 'runs/')];
  // Listing, so that a step that was never done is told as missing, not as forbidden.
  const cachedRuns = [
    ...readObjects(artifacts, 'runs/', 'cache/'),
    ...writeObjects(artifacts, 'runs/', 'cache/'),
    ...listObjects(artifacts),
  ];
  return {
    'record-run': addRecordRun(scope, props),
    'snapshot-data': add('snapshot-data', {
      description: 'Fixes which objects of the dataset a run trains on',
      environment: { DATA_BUCKET, ARTIFACT_BUCKET, LINEAGE_TABLE },
      statements: [...listObjects(data), ...runs, ...recordEdges],
      timeoutSeconds: 300,
      memoryMb: 1_024,
    }),
    'build-features': add('build-features', {
      description: 'Builds the training and holdout tables of a run and checks them',
      environment: { DATA_BUCKET, ARTIFACT_BUCKET },
      statements: [...readObjects(data, 'datasets/'), ...cachedRuns],
      layers: [duckDb],
      ...FEATURE_WORK,
    }),
    'estimate-retraining': addEstimateRetraining(scope, props),
    'train-model': add('train-model', {
      description: 'Trains gradient-boosted trees and writes them as ONNX',
      environment: { ARTIFACT_BUCKET },
      statements: cachedRuns,
      layers: [duckDb],
      ...TRAINING_WORK,
    }),
    'collect-model': add('collect-model', {
      description: 'Checks what a trainer left and brings it to its place',
      environment: { ARTIFACT_BUCKET },
      statements: [...listObjects(artifacts), ...runs],
      timeoutSeconds: 300,
      memoryMb: 1_024,
    }),
    'evaluate-model': add('evaluate-model', {
      description: 'Scores candidate and champion on the holdout and applies the gate',
      environment: { ARTIFACT_BUCKET, REGISTRY_TABLE, LINEAGE_TABLE },
      statements: [
        ...readObjects(artifacts, 'runs/', 'models/'),
        ...writeObjects(artifacts, 'runs/'),
        ...listObjects(artifacts),
        ...useItems(registry, 'GetItem'),
        ...recordEdges,
      ],
      layers: [duckDb, onnxRuntime],
      ...FEATURE_WORK,
    }),
    'profile-model': add('profile-model', {
      description: 'Profiles the final model and copies it to its content-addressed home',
      environment: { ARTIFACT_BUCKET },
      // Listing, so that covers that no trainer left are told as missing.
      statements: [
        ...readObjects(artifacts, 'runs/', 'models/'),
        ...writeObjects(artifacts, 'runs/', 'models/'),
        ...listObjects(artifacts),
      ],
      layers: [duckDb, onnxRuntime],
      ...FEATURE_WORK,
    }),
    ...addRegistering(scope, props),
  };
};

const addEstimateRetraining = (scope: Construct, props: PlatformStackProps): PlatformFunction => {
  const { artifacts, data, registry, bus } = props.data;
  return functionAdder(scope, props)('estimate-retraining', {
    description: 'Weighs by a back-test whether the training that an alarm asks for is worth it',
    environment: {
      ARTIFACT_BUCKET: artifacts.bucket.bucketName,
      DATA_BUCKET: data.bucket.bucketName,
      REGISTRY_TABLE: registry.table.tableName,
      EVENT_BUS_NAME: bus.eventBusName,
    },
    statements: [
      // Listing, so that a record that is not there yet is told as missing.
      ...listObjects(artifacts),
      ...readObjects(artifacts, 'runs/'),
      ...writeObjects(artifacts, 'runs/'),
      ...listObjectsUnder(data, 'reports/*/drift/'),
      ...readObjects(data, 'reports/*/drift/'),
      ...useItems(registry, 'GetItem'),
      ...publishEvents(bus),
    ],
    layers: [duckDbLayer(scope, props)],
    ...TRAINING_WORK,
  });
};

/** The steps that put the model on record. */
const addRegistering = (
  scope: Construct,
  props: PlatformStackProps,
): Readonly<Record<'register-model-version' | 'decide-approval', PlatformFunction>> => {
  const { artifacts, registry, lineage, audit, bus } = props.data;
  const add = functionAdder(scope, props);
  const REGISTRY_TABLE = registry.table.tableName;
  const AUDIT_TABLE = audit.table.tableName;
  const EVENT_BUS_NAME = bus.eventBusName;
  const record = useItems(audit, 'GetItem', 'PutItem');
  return {
    'register-model-version': add('register-model-version', {
      description: 'Registers the model version of a run with its lineage',
      environment: {
        ARTIFACT_BUCKET: artifacts.bucket.bucketName,
        REGISTRY_TABLE,
        LINEAGE_TABLE: lineage.table.tableName,
        AUDIT_TABLE,
        EVENT_BUS_NAME,
      },
      statements: [
        ...readObjects(artifacts, 'models/'),
        ...useItems(registry, 'GetItem', 'PutItem', 'UpdateItem'),
        ...useItems(lineage, 'UpdateItem'),
        ...record,
        ...publishEvents(bus),
      ],
      timeoutSeconds: 60,
    }),
    'decide-approval': add('decide-approval', {
      description: 'Approves by policy, or asks a person',
      environment: { ARTIFACT_BUCKET: artifacts.bucket.bucketName, REGISTRY_TABLE, AUDIT_TABLE, EVENT_BUS_NAME },
      statements: [
        ...readObjects(artifacts, 'models/'),
        ...useItems(registry, 'GetItem', 'UpdateItem'),
        ...record,
        ...publishEvents(bus),
      ],
    }),
  };
};

/** What only making a version again needs. */
export type ReproductionFunctions = Readonly<Record<'prepare-reproduction' | 'compare-reproduction', PlatformFunction>>;

export const addReproductionFunctions = (scope: Construct, props: PlatformStackProps): ReproductionFunctions => {
  const { artifacts, registry } = props.data;
  const add = functionAdder(scope, props);
  const environment = { ARTIFACT_BUCKET: artifacts.bucket.bucketName, REGISTRY_TABLE: registry.table.tableName };
  return {
    'prepare-reproduction': add('prepare-reproduction', {
      description: 'Reads a bill of materials and lays its snapshot for the run that makes the version again',
      environment,
      statements: [
        ...readObjects(artifacts, 'models/'),
        ...writeObjects(artifacts, 'runs/'),
        ...useItems(registry, 'GetItem'),
      ],
    }),
    'compare-reproduction': add('compare-reproduction', {
      description: 'Compares what was made again with the version',
      environment,
      statements: [
        ...readObjects(artifacts, 'models/', 'runs/'),
        ...writeObjects(artifacts, 'runs/'),
        ...useItems(registry, 'GetItem'),
      ],
      memoryMb: 1_024,
    }),
  };
};

/** Whether the month's trainings of any model are counted. */
const keepsBudget = ({ definitions }: PlatformStackProps): boolean =>
  definitions.some(({ retraining }) => retraining.budgetPerMonth !== undefined);

/** The one door to training: every cause comes through it, and starts at most one execution. */
export const addRequestTraining = (
  scope: Construct,
  props: PlatformStackProps,
  { deadLetterQueue, schedulerRole }: { readonly deadLetterQueue: IQueue; readonly schedulerRole: Role },
): PlatformFunction => {
  const { registry, bus } = props.data;
  const stage = props.stage.name;
  return functionAdder(scope, props)('request-training', {
    description: 'Decides whether a cause starts a training run, and starts it once',
    environment: {
      REGISTRY_TABLE: registry.table.tableName,
      EVENT_BUS_NAME: bus.eventBusName,
      SCHEDULE_GROUP: scheduleGroupName(stage),
      SCHEDULER_ROLE_ARN: schedulerRole.roleArn,
    },
    statements: [
      ...useItems(registry, 'PutItem', 'UpdateItem', ...(keepsBudget(props) ? (['Query'] as const) : [])),
      ...publishEvents(bus),
      allow(['states:StartExecution'], [arnOf(scope, 'states', `stateMachine:${trainingPipelineName(stage, '*')}`)]),
      allow(['cloudwatch:DescribeAlarms'], [arnOf(scope, 'cloudwatch', `alarm:millrace-${stage}-*`)]),
      allow(['scheduler:CreateSchedule'], [arnOf(scope, 'scheduler', `schedule/${scheduleGroupName(stage)}/*`)]),
      allow(['iam:PassRole'], [schedulerRole.roleArn], {
        StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
      }),
    ],
    deadLetterQueue,
  });
};
