import type { Construct } from 'constructs';
import { batchScoringName } from '../../../shared/contracts/names.ts';
import { arnOf } from '../arns.ts';
import { readDefinition, Workflow } from '../constructs/workflow.ts';
import { allow, listObjects, publishEvents, readObjects, useItems, writeObjects } from '../permissions.ts';
import { duckDbLayer, functionAdder, onnxRuntimeLayer, type PlatformStackProps } from './stack-context.ts';

/** A part's rows, the model and a row group on disk: 50,000 rows of a hundred features stay below half of it. */
const SCORING_WORK = { memoryMb: 2_048, timeoutSeconds: 900, temporaryStorageMb: 4_096 };

/** The workflow that scores whole prefixes of Parquet objects, one for all models, and its functions. */
export const addBatchScoring = (scope: Construct, props: PlatformStackProps): Workflow => {
  const { stage } = props;
  const { artifacts } = props.data;
  const name = batchScoringName(stage.name);
  return new Workflow(scope, 'BatchScoring', {
    stage,
    name,
    definition: readDefinition('batch-scoring'),
    functions: addScoringFunctions(scope, props),
    substitutions: { ArtifactBucketName: artifacts.bucket.bucketName },
    statements: [
      ...readObjects(artifacts, 'batch-scoring/'),
      // A Distributed Map runs its items as executions of its own machine, by name: the machine names this role.
      // https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
      allow(['states:StartExecution'], [arnOf(scope, 'states', `stateMachine:${name}`)]),
      allow(['states:DescribeExecution', 'states:StopExecution'], [arnOf(scope, 'states', `execution:${name}:*`)]),
      allow(['states:RedriveExecution'], [arnOf(scope, 'states', `execution:${name}/*`)]),
    ],
  });
};

const addScoringFunctions = (scope: Construct, props: PlatformStackProps) => {
  const { artifacts, data, lineage, bus } = props.data;
  const add = functionAdder(scope, props);
  const duckDb = duckDbLayer(scope, props);
  const environment = { ARTIFACT_BUCKET: artifacts.bucket.bucketName, DATA_BUCKET: data.bucket.bucketName };
  const inputs = readObjects(data, 'datasets/', 'scoring/');
  return {
    'plan-batch-scoring': add('plan-batch-scoring', {
      description: 'Checks the input of a batch scoring and divides it into parts',
      environment,
      statements: [
        ...readObjects(artifacts, 'batch-scoring/', 'models/'),
        ...writeObjects(artifacts, 'batch-scoring/'),
        // Listing, so that a plan that was never made is told as missing, not as forbidden.
        ...listObjects(artifacts),
        ...inputs,
      ],
      layers: [duckDb],
      ...SCORING_WORK,
    }),
    'score-part': add('score-part', {
      description: 'Scores parts of a batch, each into one output object',
      environment,
      statements: [
        ...readObjects(artifacts, 'batch-scoring/', 'models/'),
        ...writeObjects(artifacts, 'batch-scoring/'),
        ...inputs,
        ...writeObjects(data, 'scoring/'),
        ...listObjects(data),
      ],
      layers: [duckDb, onnxRuntimeLayer(scope, props)],
      ...SCORING_WORK,
    }),
    'finish-batch-scoring': add('finish-batch-scoring', {
      description: 'Counts the outputs of a batch scoring and lays its manifest',
      environment: { ...environment, LINEAGE_TABLE: lineage.table.tableName, EVENT_BUS_NAME: bus.eventBusName },
      statements: [
        ...readObjects(artifacts, 'batch-scoring/'),
        ...readObjects(data, 'scoring/'),
        ...writeObjects(data, 'scoring/'),
        ...listObjects(data),
        ...useItems(lineage, 'UpdateItem'),
        ...publishEvents(bus),
      ],
      layers: [duckDb],
      ...SCORING_WORK,
    }),
  };
};
