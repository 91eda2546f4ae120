import { RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { LogGroup, LogStream, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { capturePrefix } from '../../../shared/contracts/artifacts.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { captureStreamName } from '../../../shared/contracts/names.ts';
import type { StageConfig } from '../config.ts';
import { allow, type EncryptedBucket, policy, uploadObjects } from '../permissions.ts';

/** How long a line may wait for its object; drift checks wait as long after a window's end. */
const CAPTURE_BUFFER_SECONDS = 900;

/**
 * One stream a model for its predictions and labels: GZIP lines of JSON in the data bucket, by the UTC hour of
 * arrival. Nothing is billed but what passes through.
 */
export class CaptureStreams extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly stage: StageConfig;
      readonly definitions: readonly ModelDefinition[];
      readonly data: EncryptedBucket;
    },
  ) {
    super(scope, id);
    const { stage, definitions, data } = props;
    const logGroup = new LogGroup(this, 'Log', {
      retention: stage.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const logStream = new LogStream(this, 'LogStream', { logGroup, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', {
      description: 'Firehose writes captured predictions and labels',
      assumedBy: new ServicePrincipal('firehose.amazonaws.com'),
      inlinePolicies: {
        capture: policy([
          ...uploadObjects(data, 'capture/', 'capture-errors/'),
          allow(['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'], [data.bucket.bucketArn]),
          allow(['logs:PutLogEvents'], [logGroup.logGroupArn]),
        ]),
      },
    });
    for (const { name } of definitions) {
      new CfnDeliveryStream(this, name, {
        deliveryStreamName: captureStreamName(stage.name, name),
        deliveryStreamType: 'DirectPut',
        deliveryStreamEncryptionConfigurationInput: { keyType: 'AWS_OWNED_CMK' },
        extendedS3DestinationConfiguration: {
          bucketArn: data.bucket.bucketArn,
          roleArn: role.roleArn,
          prefix: `${capturePrefix(name)}!{timestamp:yyyy/MM/dd/HH}/`,
          errorOutputPrefix: `capture-errors/${name}/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/`,
          bufferingHints: { intervalInSeconds: CAPTURE_BUFFER_SECONDS, sizeInMBs: 5 },
          compressionFormat: 'GZIP',
          encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: data.key.keyArn } },
          cloudWatchLoggingOptions: {
            enabled: true,
            logGroupName: logGroup.logGroupName,
            logStreamName: logStream.logStreamName,
          },
        },
      });
    }
  }
}
