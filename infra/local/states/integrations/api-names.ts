/** How a service is called here and how its errors are called in a workflow. */
export interface ApiNames {
  /** The name that requests are routed by: the service in the SigV4 credential scope. */
  readonly signingName: string;
  /** Prefix of error names, e.g. `DynamoDb.ConditionalCheckFailedException`. */
  readonly errorPrefix: string;
  readonly camelCase?: boolean;
}

/** Services by their name in `arn:aws:states:::aws-sdk:<name>:…`. */
const SDK_NAMES: Readonly<Record<string, ApiNames>> = {
  batch: { signingName: 'batch', errorPrefix: 'Batch', camelCase: true },
  cloudwatch: { signingName: 'monitoring', errorPrefix: 'CloudWatch' },
  cloudwatchlogs: { signingName: 'logs', errorPrefix: 'CloudWatchLogs', camelCase: true },
  dynamodb: { signingName: 'dynamodb', errorPrefix: 'DynamoDb' },
  eventbridge: { signingName: 'events', errorPrefix: 'EventBridge' },
  firehose: { signingName: 'firehose', errorPrefix: 'Firehose' },
  kms: { signingName: 'kms', errorPrefix: 'Kms' },
  lambda: { signingName: 'lambda', errorPrefix: 'Lambda' },
  s3: { signingName: 's3', errorPrefix: 'S3' },
  sagemaker: { signingName: 'sagemaker', errorPrefix: 'SageMaker' },
  scheduler: { signingName: 'scheduler', errorPrefix: 'Scheduler' },
  sfn: { signingName: 'states', errorPrefix: 'Sfn', camelCase: true },
  sns: { signingName: 'sns', errorPrefix: 'Sns' },
  sqs: { signingName: 'sqs', errorPrefix: 'Sqs' },
  ssm: { signingName: 'ssm', errorPrefix: 'Ssm' },
  sts: { signingName: 'sts', errorPrefix: 'Sts' },
};

const OPTIMISED_NAMES: Readonly<Record<string, ApiNames>> = {
  batch: { signingName: 'batch', errorPrefix: 'Batch', camelCase: true },
  dynamodb: { signingName: 'dynamodb', errorPrefix: 'DynamoDB' },
  events: { signingName: 'events', errorPrefix: 'EventBridge' },
  lambda: { signingName: 'lambda', errorPrefix: 'Lambda' },
  sagemaker: { signingName: 'sagemaker', errorPrefix: 'SageMaker' },
  sns: { signingName: 'sns', errorPrefix: 'SNS' },
  sqs: { signingName: 'sqs', errorPrefix: 'SQS' },
  states: { signingName: 'states', errorPrefix: 'StepFunctions', camelCase: true },
};

export const isSdkService = (service: string): boolean => service in SDK_NAMES;

export const apiNames = (service: string, sdk: boolean): ApiNames => {
  const names = (sdk ? SDK_NAMES : OPTIMISED_NAMES)[service];
  if (!names) throw new RangeError(`no API is known for the integration ${service}`);
  return names;
};

/** The error's name in a workflow: Java's class name, which always ends in Exception. */
export const workflowErrorName = (prefix: string, code: string): string =>
  `${prefix}.${code.endsWith('Exception') ? code : `${code.replace(/[^A-Za-z0-9]/g, '')}Exception`}`;
