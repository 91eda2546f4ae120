import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { batchScoringName, rollBackFunctionName } from '../../../shared/contracts/names.ts';
import { arnOf } from '../arns.ts';
import { SignedApi } from '../constructs/signed-api.ts';
import { TrackingApi } from '../constructs/tracking-api.ts';
import { WebhookDelivery } from '../constructs/webhook-delivery.ts';
import {
  allow,
  listObjects,
  listObjectsUnder,
  manageObjects,
  publishEvents,
  readObjects,
  useItems,
  useItemsUnder,
  writeObjects,
} from '../permissions.ts';
import { dividesExactly, functionAdder, type PlatformStackProps } from './stack-context.ts';

const TABLE_ACTIONS = ['GetItem', 'BatchGetItem', 'Query', 'ConditionCheckItem', 'PutItem', 'DeleteItem'] as const;

/** The platform API: models, versions, runs, rollouts, lineage; asking for training; approving; and the tracking API. */
export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    const { registry, lineage, audit, online, artifacts, data, bus, alarmTopic } = props.data;
    const batchScoring = batchScoringName(props.stage.name);
    const platformApi = functionAdder(this, props)('platform-api', {
      description: 'Answers the platform API',
      environment: {
        REGISTRY_TABLE: registry.table.tableName,
        LINEAGE_TABLE: lineage.table.tableName,
        AUDIT_TABLE: audit.table.tableName,
        ARTIFACT_BUCKET: artifacts.bucket.bucketName,
        DATA_BUCKET: data.bucket.bucketName,
        ONLINE_TABLE: online.table.tableName,
        EVENT_BUS_NAME: bus.eventBusName,
        BATCH_SCORING_ARN: arnOf(this, 'states', `stateMachine:${batchScoring}`),
      },
      statements: [
        // What an approval is held to: the version's evaluation. What a prediction is explained by: all its files. What a
        // rollout's report tells of its replay. What a model's page tells of whether its runs were worth it.
        ...readObjects(artifacts, 'models/', 'cards/', 'uploads/', 'batch-scoring/', 'rollouts/', 'runs/'),
        // A version's card is kept whenever what it says has changed. The URL of an upload may do what this role may.
        ...writeObjects(artifacts, 'cards/', 'uploads/', 'batch-scoring/'),
        ...listObjects(artifacts),
        ...readObjects(data, 'capture/', 'compacted/', 'reports/'),
        ...listObjects(data),
        ...useItems(registry, 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'),
        ...useItems(lineage, 'Query'),
        ...useItems(audit, 'GetItem', 'PutItem'),
        ...publishEvents(bus),
        // By name: both are another stack's. Only that function may touch what serves.
        allow(['lambda:InvokeFunction'], [arnOf(this, 'lambda', `function:${rollBackFunctionName(props.stage.name)}`)]),
        allow(['states:StartExecution'], [arnOf(this, 'states', `stateMachine:${batchScoring}`)]),
        allow(['states:DescribeExecution'], [arnOf(this, 'states', `execution:${batchScoring}:*`)]),
        // Rolling back ends a rollout, or makes one of one step: where a plan divides requests, and nowhere else.
        ...(dividesExactly(props) ? [...useItems(registry, 'DeleteItem'), ...useItems(lineage, 'UpdateItem')] : []),
        // Where no model has feature views, nothing is ever asked for.
        ...(props.definitions.some(({ featureViews = [] }) => featureViews.length > 0)
          ? useItems(online, 'BatchGetItem')
          : []),
      ],
      // A model's file or a day of captures is held whole.
      memoryMb: 2_048,
      timeoutSeconds: 29,
    }).lambda.functionArn;
    const api = new SignedApi(this, 'Api', {
      stage: props.stage,
      name: 'platform',
      description: 'Models, versions, runs, rollouts and lineage',
      errorTemplate: {
        contentType: 'application/problem+json',
        body: '{"type":"about:blank","title":"$context.error.responseType","detail":$context.error.messageString}',
      },
      topic: alarmTopic,
    });
    api.mayInvoke('PlatformApi', platformApi);
    api.route('/', platformApi, { below: true });
    new CfnOutput(this, 'PlatformApiUrl', { value: api.url });
    this.addTrackingApi(props);
  }

  /** The tracking API: what MLflow's clients are pointed at. */
  private addTrackingApi(props: PlatformStackProps): void {
    const { tracking, registry, audit, artifacts, bus, alarmTopic: topic } = props.data;
    const addFunction = functionAdder(this, props);
    const authorize = addFunction('authorize-tracking', {
      description: 'Says whose token a call of the tracking API carries',
      environment: { TRACKING_TABLE: tracking.table.tableName },
      statements: useItemsUnder(tracking, 'token#', 'GetItem'),
      timeoutSeconds: 10,
    }).lambda;
    const answer = addFunction('tracking-api', {
      description: 'Answers MLflow’s REST API',
      environment: {
        TRACKING_TABLE: tracking.table.tableName,
        REGISTRY_TABLE: registry.table.tableName,
        AUDIT_TABLE: audit.table.tableName,
        ARTIFACT_BUCKET: artifacts.bucket.bucketName,
        EVENT_BUS_NAME: bus.eventBusName,
        WEBHOOK_ALLOW_HOSTS: props.stage.webhookAllowHosts,
      },
      statements: [
        // A workspace's items alone: whoever broke in there could still issue no token.
        ...useItemsUnder(tracking, 'W/', ...TABLE_ACTIONS, 'BatchWriteItem'),
        ...useItems(registry, ...TABLE_ACTIONS, 'UpdateItem'),
        ...useItems(audit, 'GetItem', 'PutItem'),
        ...publishEvents(bus),
        ...manageObjects(artifacts, 'tracking/'),
        // The files of versions that the pipelines registered.
        ...readObjects(artifacts, 'models/'),
        ...listObjectsUnder(artifacts, 'tracking/', 'models/'),
      ],
      memoryMb: 1_024,
      timeoutSeconds: 29,
    }).lambda;
    const { url } = new TrackingApi(this, 'Tracking', { stage: props.stage, topic, answer, authorize });
    new CfnOutput(this, 'TrackingApiUrl', { value: url });
    const { stage, bundles } = props;
    const allowHosts = stage.webhookAllowHosts;
    new WebhookDelivery(this, 'WebhookDelivery', { stage, bundles, bus, tracking, topic, allowHosts });
  }
}
