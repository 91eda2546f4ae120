import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import { CfnAlias, CfnVersion } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { captureStreamName, inferenceFunctionName, LIVE_ALIAS } from '../../../shared/contracts/names.ts';
import { DEFAULT_WORKSPACE } from '../../../shared/contracts/registry.ts';
import { arnOf } from '../arns.ts';
import type { Bundles } from '../build.ts';
import type { StageConfig } from '../config.ts';
import {
  allow,
  type EncryptedBucket,
  type EncryptedTable,
  listObjects,
  readObjects,
  useItemsUnder,
} from '../permissions.ts';
import { PlatformFunction } from './platform-function.ts';

const CLIENT_HOMES = `home#${DEFAULT_WORKSPACE}/`;

export interface ModelEndpointProps {
  readonly stage: StageConfig;
  readonly bundles: Bundles;
  readonly definition: ModelDefinition;
  readonly artifacts: EncryptedBucket;
  readonly registry: EncryptedTable;
  readonly audit: EncryptedTable;
  readonly online: EncryptedTable;
  readonly onnxRuntimeLayer: ILayerVersion;
}

/** What answers for a model may do, whether a function or a container: read what it serves, and capture. */
export const inferenceStatements = (
  scope: Construct,
  { stage, definition, artifacts, registry, audit, online }: Omit<ModelEndpointProps, 'bundles' | 'onnxRuntimeLayer'>,
): PolicyStatement[] => {
  const { name, featureViews = [] } = definition;
  return [
    // A model file that is gone is told of as such, not as a lack of rights.
    ...listObjects(artifacts),
    ...readObjects(artifacts, `models/${name}/`),
    // What it serves must be what was registered and approved.
    // The versions of a model that a client created are at a home of its own, which has no name in it.
    ...useItemsUnder(registry, [`model#${name}`, CLIENT_HOMES], 'GetItem'),
    ...useItemsUnder(audit, [`versions#model#${name}`, `versions#${CLIENT_HOMES}`], 'GetItem'),
    ...useItemsUnder(audit, `chain#${name}`, 'GetItem'),
    allow(
      ['firehose:PutRecordBatch'],
      [arnOf(scope, 'firehose', `deliverystream/${captureStreamName(stage.name, name)}`)],
    ),
    ...(featureViews.length > 0 ? useItemsUnder(online, `${name}|`, 'BatchGetItem') : []),
  ];
};

/**
 * The inference function of a model with its alias `live`. Which version serves, and with what weight, belongs to
 * run time: the version and the alias made here answer that no model is in service, and no later deploy changes
 * either, whatever changes in code or environment; a rollout does. The role stays the same too, because versions
 * between which an alias divides traffic must share one.
 */
export class ModelEndpoint extends Construct {
  readonly aliasArn: string;

  constructor(scope: Construct, id: string, props: ModelEndpointProps) {
    super(scope, id);
    const { stage, definition, artifacts, registry, audit, online } = props;
    const { name } = definition;
    const stream = captureStreamName(stage.name, name);
    const infer = new PlatformFunction(this, 'Infer', {
      stage,
      bundles: props.bundles,
      folder: 'infer',
      name: inferenceFunctionName(stage.name, name),
      description: `Answers predictions of ${name}`,
      environment: {
        MODEL_NAME: name,
        ARTIFACT_BUCKET: artifacts.bucket.bucketName,
        REGISTRY_TABLE: registry.table.tableName,
        AUDIT_TABLE: audit.table.tableName,
        CAPTURE_STREAM: stream,
        CAPTURE_LIMIT_MS: String(stage.captureLimitMs),
        ONLINE_TABLE: online.table.tableName,
      },
      statements: inferenceStatements(this, props),
      layers: [props.onnxRuntimeLayer],
      memoryMb: definition.deployment.memoryMb,
      // API Gateway gives up after 29 seconds.
      timeoutSeconds: 29,
    });
    const version = new CfnVersion(this, 'NoModelInService', {
      functionName: infer.lambda.functionName,
      description: 'No model in service',
    });
    const alias = new CfnAlias(this, 'Live', {
      functionName: infer.lambda.functionName,
      functionVersion: version.attrVersion,
      name: LIVE_ALIAS,
    });
    this.aliasArn = alias.ref;
  }
}
