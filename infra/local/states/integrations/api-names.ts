/** How a service is called here and how its errors are called in a workflow. */
export interface ApiNames {
  /** The name that requests are routed by: the service in the SigV4 credential scope. */
  readonly signingName: string;
  /** Prefix of error names, e.g. `DynamoDb.ConditionalCheckFailedException`. */
  readonly errorPrefix: string;
  /** What the service's client calls an error that its model does not name. */
  readonly baseError: string;
  /** Every error code that the service's model names. Absent: all but the common ones. */
  readonly models?: readonly string[];
  /** Common error codes that this service's model names all the same. */
  readonly named?: readonly string[];
  readonly camelCase?: boolean;
}

const BATCH_ERRORS = ['ClientException', 'ServerException'];
const SAGEMAKER_ERRORS = ['ConflictException', 'ResourceInUse', 'ResourceLimitExceeded', 'ResourceNotFound'];

/** Services by their name in `arn:aws:states:::aws-sdk:<name>:…`. */
const SDK_NAMES: Readonly<Record<string, ApiNames>> = {
  batch: {
    signingName: 'batch',
    errorPrefix: 'Batch',
    baseError: 'BatchException',
    models: BATCH_ERRORS,
    camelCase: true,
  },
  cloudwatch: { signingName: 'monitoring', errorPrefix: 'CloudWatch', baseError: 'CloudWatchException' },
  cloudwatchlogs: {
    signingName: 'logs',
    errorPrefix: 'CloudWatchLogs',
    baseError: 'CloudWatchLogsException',
    camelCase: true,
  },
  dynamodb: {
    signingName: 'dynamodb',
    errorPrefix: 'DynamoDb',
    baseError: 'DynamoDbException',
    named: ['ThrottlingException'],
  },
  eventbridge: { signingName: 'events', errorPrefix: 'EventBridge', baseError: 'EventBridgeException' },
  firehose: { signingName: 'firehose', errorPrefix: 'Firehose', baseError: 'FirehoseException' },
  kms: { signingName: 'kms', errorPrefix: 'Kms', baseError: 'KmsException' },
  lambda: { signingName: 'lambda', errorPrefix: 'Lambda', baseError: 'LambdaException' },
  s3: { signingName: 's3', errorPrefix: 'S3', baseError: 'S3Exception' },
  sagemaker: {
    signingName: 'sagemaker',
    errorPrefix: 'SageMaker',
    baseError: 'SageMakerException',
    models: SAGEMAKER_ERRORS,
  },
  scheduler: {
    signingName: 'scheduler',
    errorPrefix: 'Scheduler',
    baseError: 'SchedulerException',
    named: ['ThrottlingException', 'ValidationException'],
  },
  sfn: {
    signingName: 'states',
    errorPrefix: 'Sfn',
    baseError: 'SfnException',
    named: ['ValidationException'],
    camelCase: true,
  },
  sns: { signingName: 'sns', errorPrefix: 'Sns', baseError: 'SnsException' },
  sqs: { signingName: 'sqs', errorPrefix: 'Sqs', baseError: 'SqsException' },
  ssm: { signingName: 'ssm', errorPrefix: 'Ssm', baseError: 'SsmException' },
  sts: { signingName: 'sts', errorPrefix: 'Sts', baseError: 'StsException' },
};

const OPTIMISED_NAMES: Readonly<Record<string, ApiNames>> = {
  batch: {
    signingName: 'batch',
    errorPrefix: 'Batch',
    baseError: 'AWSBatchException',
    models: BATCH_ERRORS,
    camelCase: true,
  },
  dynamodb: {
    signingName: 'dynamodb',
    errorPrefix: 'DynamoDB',
    baseError: 'AmazonDynamoDBException',
    named: ['ThrottlingException'],
  },
  events: { signingName: 'events', errorPrefix: 'EventBridge', baseError: 'AmazonEventBridgeException' },
  lambda: { signingName: 'lambda', errorPrefix: 'Lambda', baseError: 'AWSLambdaException' },
  sagemaker: {
    signingName: 'sagemaker',
    errorPrefix: 'SageMaker',
    baseError: 'AmazonSageMakerException',
    models: SAGEMAKER_ERRORS,
  },
  sns: { signingName: 'sns', errorPrefix: 'SNS', baseError: 'AmazonSNSException' },
  sqs: { signingName: 'sqs', errorPrefix: 'SQS', baseError: 'AmazonSQSException' },
  states: {
    signingName: 'states',
    errorPrefix: 'StepFunctions',
    baseError: 'AWSStepFunctionsException',
    named: ['ValidationException'],
    camelCase: true,
  },
};

export const isSdkService = (service: string): boolean => service in SDK_NAMES;

export const apiNames = (service: string, sdk: boolean): ApiNames => {
  const names = (sdk ? SDK_NAMES : OPTIMISED_NAMES)[service];
  if (!names) throw new RangeError(`no API is known for the integration ${service}`);
  return names;
};

/** Codes that any API may answer with: few models name them. https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html */
const COMMON: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'ExpiredTokenException',
  'InternalFailure',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'UnrecognizedClientException',
  'ValidationError',
  'ValidationException',
]);

/** The error's name in a workflow: Java's class name, which always ends in Exception. */
export const workflowErrorName = ({ errorPrefix, baseError, models, named = [] }: ApiNames, code: string): string => {
  const isNamed = models?.includes(code) ?? (!COMMON.has(code) || named.includes(code));
  if (!isNamed) return `${errorPrefix}.${baseError}`;
  return `${errorPrefix}.${code.endsWith('Exception') ? code : `${code.replace(/[^A-Za-z0-9]/g, '')}Exception`}`;
};
