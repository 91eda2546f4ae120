import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnAccount } from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CfnBucket,
  type LifecycleRule,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { PROFILE_DELTA_DAYS, PROFILE_DELTAS_PREFIX } from '../../../shared/contracts/monitoring-keys.ts';
import { OUTCOMES_PREFIX } from '../../../shared/contracts/performance-report.ts';
import type { StageConfig } from '../config.ts';
import type { EncryptedBucket, EncryptedTable } from '../permissions.ts';

const UPLOAD_DAYS = 7;
/** Longer than the longest window and the longest wait for labels together, which are 88 days. */
const OUTCOME_DAYS = 100;

export interface DataStackProps extends StackProps {
  readonly stage: StageConfig;
}

/**
 * What must never be lost: the key, the buckets, the tables; and what the other stacks meet at: the bus and the
 * alarm topic. It changes seldom; everything else depends on it and can be removed and deployed again.
 */
export class DataStack extends Stack {
  readonly key: Key;
  readonly artifacts: EncryptedBucket;
  readonly data: EncryptedBucket;
  readonly registry: EncryptedTable;
  readonly lineage: EncryptedTable;
  /** Experiments, runs, models and tokens of the tracking API. */
  readonly tracking: EncryptedTable;
  /** The audit log: records are put there, never changed and never deleted. */
  readonly audit: EncryptedTable;
  /** The online store: the newest values of each entity of each feature view. */
  readonly online: EncryptedTable;
  /** Heads of the audit log's chains, each locked for as long as the stage says. */
  readonly seals: EncryptedBucket;
  readonly bus: EventBus;
  readonly alarmTopic: Topic;

  constructor(scope: Construct, id: string, { stage, ...props }: DataStackProps) {
    super(scope, id, props);
    this.key = new Key(this, 'Key', {
      description: `Millrace ${stage.name}: buckets, tables and alarm messages`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.artifacts = this.addBucket('ArtifactBucket', stage, {
      // Cards stay: each is a few kB of what was said of a version, and the record of it.
      lifecycleRules: [...this.bucketRules(stage), ...this.uploadRules()],
    });
    this.data = this.addBucket('DataBucket', stage, {
      lifecycleRules: [...this.bucketRules(stage), ...this.derivedRules()],
    });
    this.registry = this.addTable('RegistryTable', true);
    this.lineage = this.addTable('LineageTable', false);
    this.tracking = this.addTable('TrackingTable', false);
    this.audit = this.addTable('AuditTable', false, { expires: false });
    this.online = this.addTable('OnlineTable', false);
    this.seals = this.addSealBucket(stage);
    this.bus = new EventBus(this, 'Bus', { eventBusName: `millrace-${stage.name}` });
    this.alarmTopic = this.addAlarmTopic(stage);
    this.addApiAccount();
    new CfnOutput(this, 'ArtifactBucketName', { value: this.artifacts.bucket.bucketName });
    new CfnOutput(this, 'DataBucketName', { value: this.data.bucket.bucketName });
    new CfnOutput(this, 'TrackingTableName', { value: this.tracking.table.tableName });
    new CfnOutput(this, 'EventBusName', { value: this.bus.eventBusName });
  }

  private addBucket(id: string, stage: StageConfig, more: BucketProps = {}): EncryptedBucket {
    const bucket = new Bucket(this, id, {
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      versioned: true,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: this.bucketRules(stage),
      ...more,
    });
    // The L2 property eventBridgeEnabled would bring a custom resource with a Lambda of its own; CloudFormation can do it.
    (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    return { bucket, key: this.key };
  }

  private bucketRules(stage: StageConfig): LifecycleRule[] {
    return [
      {
        id: 'noncurrent-versions',
        noncurrentVersionExpiration: Duration.days(stage.noncurrentVersionDays),
        abortIncompleteMultipartUploadAfter: Duration.days(7),
      },
    ];
  }

  /** What was brought is checked within the hour and lies with its run then, or was never submitted. */
  private uploadRules(): LifecycleRule[] {
    const prefix = 'uploads/';
    return [
      { id: 'uploads', prefix, expiration: Duration.days(UPLOAD_DAYS) },
      { id: 'upload-markers', prefix, expiredObjectDeleteMarker: true },
    ];
  }

  /** Deltas and outcomes are merged, or reported on, within the longest window; what was made of them stays. */
  private derivedRules(): LifecycleRule[] {
    const prefix = PROFILE_DELTAS_PREFIX;
    return [
      { id: 'profile-deltas', prefix, expiration: Duration.days(PROFILE_DELTA_DAYS) },
      { id: 'profile-delta-markers', prefix, expiredObjectDeleteMarker: true },
      { id: 'outcomes', prefix: OUTCOMES_PREFIX, expiration: Duration.days(OUTCOME_DAYS) },
      { id: 'outcome-markers', prefix: OUTCOMES_PREFIX, expiredObjectDeleteMarker: true },
    ];
  }

  /** Whatever is written is locked by the bucket, so that no writer can leave it out. Its old versions stay. */
  private addSealBucket(stage: StageConfig): EncryptedBucket {
    const { mode, days } = stage.sealRetention;
    const duration = Duration.days(days);
    return this.addBucket('SealBucket', stage, {
      objectLockEnabled: true,
      objectLockDefaultRetention:
        mode === 'COMPLIANCE' ? ObjectLockRetention.compliance(duration) : ObjectLockRetention.governance(duration),
      lifecycleRules: [],
    });
  }

  /** @param expires whether items may name a time at which they are deleted. */
  private addTable(id: string, indexed: boolean, { expires } = { expires: true }): EncryptedTable {
    const table = new Table(this, id, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...(expires ? { timeToLiveAttribute: 'ttl' } : {}),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    if (indexed) {
      table.addGlobalSecondaryIndex({
        indexName: 'gsi1',
        partitionKey: { name: 'gsi1pk', type: AttributeType.STRING },
        sortKey: { name: 'gsi1sk', type: AttributeType.STRING },
      });
    }
    return { table, key: this.key };
  }

  private addAlarmTopic(stage: StageConfig): Topic {
    const topic = new Topic(this, 'AlarmTopic', { masterKey: this.key, enforceSSL: true });
    // CloudWatch signs as itself. Rules publish by a role of their own: SNS policies cannot hold a condition for them.
    const alarmsOfThisAccount = {
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com'), new ServicePrincipal('budgets.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    };
    topic.addToResourcePolicy(
      new PolicyStatement({ ...alarmsOfThisAccount, actions: ['sns:Publish'], resources: [topic.topicArn] }),
    );
    this.key.addToResourcePolicy(
      new PolicyStatement({
        ...alarmsOfThisAccount,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
      }),
    );
    if (stage.email !== undefined) topic.addSubscription(new EmailSubscription(stage.email));
    return topic;
  }

  /** One setting for the account's region: access logs need it, and stages share it, so it outlives this stack. */
  private addApiAccount(): void {
    const role = new Role(this, 'ApiLogsRole', {
      description: 'API Gateway writes its access logs',
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs')],
    });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    new CfnAccount(this, 'ApiAccount', { cloudWatchRoleArn: role.roleArn }).applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
