import type { Construct } from 'constructs';
import {
  canaryRolloutName,
  captureStreamName,
  inferenceFunctionName,
  SHADOW_PREFIX,
} from '../../../shared/contracts/names.ts';
import { arnOf } from '../arns.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import {
  allow,
  listObjectsUnder,
  publishEvents,
  readObjects,
  useItems,
  useItemsUnder,
  writeObjects,
} from '../permissions.ts';
import type { ServingServices } from './serving-services.ts';
import {
  dividesExactly,
  functionAdder,
  gatesByShadow,
  judgesCaptures,
  onnxRuntimeLayer,
  type PlatformStackProps,
} from './stack-context.ts';

/** What the reconciler does to services: it reads them, sets traffic, and asks for their versions. */
const RECONCILES = ['describe', 'shift', 'list'] as const;

type RolloutFolder =
  | 'begin-rollout'
  | 'publish-version'
  | 'smoke-test'
  | 'replay-captured'
  | 'shift-traffic'
  | 'judge-canary'
  | 'finish-rollout';

/** The steps of a rollout: each may do to inference functions what its step does, and nothing to other functions. */
export const addRolloutFunctions = (
  scope: Construct,
  props: PlatformStackProps,
  services?: ServingServices,
): Readonly<Record<RolloutFolder, PlatformFunction>> => {
  const { registry, lineage, audit, bus, artifacts } = props.data;
  const add = functionAdder(scope, props);
  const REGISTRY_TABLE = registry.table.tableName;
  const LINEAGE_TABLE = lineage.table.tableName;
  const AUDIT_TABLE = audit.table.tableName;
  const record = useItems(audit, 'GetItem', 'PutItem');
  const EVENT_BUS_NAME = bus.eventBusName;
  const onServices = (use: keyof ServingServices['may']) => services?.may[use] ?? [];
  const toInference = (...actions: string[]) => allow(actions, inferenceFunctions(scope, props));
  // Plans are used where a model asks for them: elsewhere nobody may.
  const exact = dividesExactly(props);
  return {
    'begin-rollout': add('begin-rollout', {
      description: 'Takes the rollout lease of a model and states the plan',
      environment: { REGISTRY_TABLE, LINEAGE_TABLE, AUDIT_TABLE, EVENT_BUS_NAME },
      statements: [
        ...useItems(registry, 'GetItem', 'Query', 'PutItem', 'ConditionCheckItem'),
        ...useItems(lineage, 'UpdateItem'),
        ...record,
        ...publishEvents(bus),
        toInference('lambda:GetAlias', ...(exact ? ['lambda:GetFunctionConfiguration'] : [])),
        ...onServices('look'),
      ],
    }),
    'publish-version': add('publish-version', {
      description: 'Publishes a function version that pins the digest of a model',
      environment: { REGISTRY_TABLE, ARTIFACT_BUCKET: artifacts.bucket.bucketName },
      statements: [
        ...useItems(registry, 'GetItem', 'UpdateItem'),
        toInference('lambda:GetFunctionConfiguration', 'lambda:UpdateFunctionConfiguration', 'lambda:PublishVersion'),
        ...[...listObjectsUnder(artifacts, 'models/'), ...readObjects(artifacts, 'models/'), ...onServices('publish')],
      ],
    }),
    'smoke-test': add('smoke-test', {
      description: 'Asks a published version for a prediction before traffic reaches it',
      environment: {},
      statements: [toInference('lambda:InvokeFunction'), ...onServices('test')],
      timeoutSeconds: 60,
    }),
    'replay-captured': addReplayCaptured(scope, props),
    'shift-traffic': add('shift-traffic', {
      description: 'Sets the weights of the alias live, or of the plan',
      environment: { REGISTRY_TABLE, AUDIT_TABLE },
      statements: [
        ...useItems(registry, 'GetItem', 'UpdateItem', ...(exact ? (['PutItem'] as const) : [])),
        ...(exact ? record : []),
        toInference('lambda:GetAlias', 'lambda:UpdateAlias'),
        ...onServices('shift'),
      ],
    }),
    'judge-canary': add('judge-canary', {
      description: 'Looks at a running canary, and says what follows',
      environment: { REGISTRY_TABLE, DATA_BUCKET: props.data.data.bucket.bucketName },
      statements: [
        ...useItems(registry, 'GetItem', 'PutItem'),
        // GetMetricData takes no resource.
        allow(['cloudwatch:GetMetricData'], ['*']),
        ...(judgesCaptures(props)
          ? [...listObjectsUnder(props.data.data, 'capture/'), ...readObjects(props.data.data, 'capture/')]
          : []),
        ...onServices('look'),
      ],
      memoryMb: 1_024,
      timeoutSeconds: 60,
    }),
    'finish-rollout': add('finish-rollout', {
      description: 'Records how a rollout ended and collects versions that nothing needs',
      environment: { REGISTRY_TABLE, LINEAGE_TABLE, AUDIT_TABLE, EVENT_BUS_NAME },
      statements: [
        ...useItems(registry, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
        ...useItems(lineage, 'UpdateItem'),
        ...record,
        ...publishEvents(bus),
        toInference('lambda:ListVersionsByFunction', 'lambda:DeleteFunction'),
        ...onServices('collect'),
      ],
      timeoutSeconds: 60,
    }),
  };
};

/** Asks a version what callers asked lately: two models and the rows of some captured objects are held at once. */
const addReplayCaptured = (scope: Construct, props: PlatformStackProps): PlatformFunction => {
  const { registry, artifacts, data } = props.data;
  return functionAdder(scope, props)('replay-captured', {
    description: 'Compares a version with the champion on captured inputs before its first request',
    environment: {
      REGISTRY_TABLE: registry.table.tableName,
      ARTIFACT_BUCKET: artifacts.bucket.bucketName,
      DATA_BUCKET: data.bucket.bucketName,
    },
    statements: [
      ...useItems(registry, 'GetItem'),
      ...readObjects(artifacts, 'models/', 'rollouts/'),
      ...writeObjects(artifacts, 'rollouts/'),
      ...listObjectsUnder(artifacts, 'rollouts/'),
      ...readObjects(data, 'capture/'),
      ...listObjectsUnder(data, 'capture/'),
      ...(gatesByShadow(props) ? useItemsUnder(registry, SHADOW_PREFIX, 'Query') : []),
    ],
    layers: [onnxRuntimeLayer(scope, props)],
    memoryMb: 3_008,
    timeoutSeconds: 300,
  });
};

/** Brings every endpoint back to what the registry says. */
export const addReconcileServing = (
  scope: Construct,
  props: PlatformStackProps,
  rolloutArn: string,
  services?: ServingServices,
): PlatformFunction => {
  const { registry, audit } = props.data;
  const execution = arnOf(scope, 'states', `execution:${canaryRolloutName(props.stage.name)}:*`);
  return functionAdder(scope, props)('reconcile-serving', {
    description: 'Repairs endpoints that are not as the registry says',
    environment: {
      REGISTRY_TABLE: registry.table.tableName,
      AUDIT_TABLE: audit.table.tableName,
      ROLLOUT_STATE_MACHINE_ARN: rolloutArn,
    },
    statements: [
      ...useItems(
        registry,
        ...(['GetItem', 'Query', 'UpdateItem', 'DeleteItem'] as const),
        ...(dividesExactly(props) ? (['PutItem'] as const) : []),
      ),
      ...useItems(audit, 'GetItem', 'PutItem'),
      allow(
        ['lambda:GetFunctionConfiguration', 'lambda:ListVersionsByFunction', 'lambda:GetAlias', 'lambda:UpdateAlias'],
        inferenceFunctions(scope, props),
      ),
      ...(services === undefined ? [] : RECONCILES.flatMap((use) => services.may[use])),
      allow(['states:StartExecution'], [rolloutArn]),
      allow(['states:DescribeExecution'], [execution]),
    ],
    timeoutSeconds: 300,
  });
};

export const addRecordGroundTruth = (scope: Construct, props: PlatformStackProps): PlatformFunction =>
  functionAdder(scope, props)('record-ground-truth', {
    description: 'Takes the labels of captured predictions',
    environment: {},
    statements: [
      allow(
        ['firehose:PutRecordBatch'],
        props.definitions.map(({ name }) =>
          arnOf(scope, 'firehose', `deliverystream/${captureStreamName(props.stage.name, name)}`),
        ),
      ),
    ],
  });

export const addDescribeServer = (scope: Construct, props: PlatformStackProps): PlatformFunction =>
  functionAdder(scope, props)('describe-server', {
    description: 'Answers server metadata, health, and what no model answers',
    environment: {},
    statements: [],
  });

const inferenceFunctions = (scope: Construct, { stage }: PlatformStackProps): string[] => [
  arnOf(scope, 'lambda', `function:${inferenceFunctionName(stage.name, '*')}`),
];
