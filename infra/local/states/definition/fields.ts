/** Which fields each part of a definition may hold. Anything else is refused, JSONPath's fields by their name. */

const FLOW = ['Next', 'End'];
const COMMON = ['Type', 'Comment', 'QueryLanguage'];
const GUARD = ['Retry', 'Catch'];
const DATA = ['Output', 'Assign'];

export const STATE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: [...COMMON, ...FLOW, ...GUARD, ...DATA, 'Resource', 'Arguments', 'TimeoutSeconds', 'HeartbeatSeconds'],
  Pass: [...COMMON, ...FLOW, ...DATA],
  Wait: [...COMMON, ...FLOW, ...DATA, 'Seconds', 'Timestamp'],
  Choice: [...COMMON, ...DATA, 'Choices', 'Default'],
  Succeed: [...COMMON, 'Output'],
  Fail: [...COMMON, 'Error', 'Cause'],
  Parallel: [...COMMON, ...FLOW, ...GUARD, ...DATA, 'Branches', 'Arguments'],
  Map: [
    ...COMMON,
    ...FLOW,
    ...GUARD,
    ...DATA,
    'ItemProcessor',
    'Items',
    'ItemSelector',
    'ItemReader',
    'ItemBatcher',
    'ResultWriter',
    'MaxConcurrency',
    'ToleratedFailureCount',
    'ToleratedFailurePercentage',
    'Label',
  ],
};

export const TOP_FIELDS = ['Comment', 'QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version'];
export const BRANCH_FIELDS = ['Comment', 'StartAt', 'States'];
export const PROCESSOR_FIELDS = [...BRANCH_FIELDS, 'ProcessorConfig'];
export const CHOICE_RULE_FIELDS = ['Condition', 'Next', 'Comment', ...DATA];
export const RETRIER_FIELDS = [
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
  'Comment',
];
export const CATCHER_FIELDS = ['ErrorEquals', 'Next', 'Comment', ...DATA];
export const READER_FIELDS = ['Resource', 'Arguments', 'ReaderConfig'];
export const READER_CONFIG_FIELDS = [
  'InputType',
  'Transformation',
  'CSVHeaderLocation',
  'CSVHeaders',
  'CSVDelimiter',
  'ItemsPointer',
  'MaxItems',
];
export const BATCHER_FIELDS = ['MaxItemsPerBatch', 'MaxInputBytesPerBatch', 'BatchInput'];
export const WRITER_FIELDS = ['Resource', 'Arguments', 'WriterConfig'];
export const WRITER_CONFIG_FIELDS = ['Transformation', 'OutputType'];
export const PROCESSOR_CONFIG_FIELDS = ['Mode', 'ExecutionType'];

/** Fields that only a distributed Map may have. */
export const DISTRIBUTED_FIELDS = [
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
  'Label',
];

/** Top-level arguments of the optimised integrations; a misspelt one is refused at creation, as AWS does. */
export const INTEGRATION_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'lambda:invoke': ['FunctionName', 'Payload', 'Qualifier', 'InvocationType'],
  'states:startExecution': ['StateMachineArn', 'Input', 'Name', 'TraceHeader'],
  'events:putEvents': ['Entries'],
  'sns:publish': [
    'TopicArn',
    'TargetArn',
    'Message',
    'Subject',
    'MessageAttributes',
    'MessageStructure',
    'MessageGroupId',
    'MessageDeduplicationId',
  ],
  'sqs:sendMessage': [
    'QueueUrl',
    'MessageBody',
    'DelaySeconds',
    'MessageAttributes',
    'MessageGroupId',
    'MessageDeduplicationId',
  ],
};

export const REQUIRED_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'lambda:invoke': ['FunctionName'],
  'states:startExecution': ['StateMachineArn'],
  'events:putEvents': ['Entries'],
  'sqs:sendMessage': ['QueueUrl', 'MessageBody'],
  'dynamodb:getItem': ['TableName', 'Key'],
  'dynamodb:putItem': ['TableName', 'Item'],
  'dynamodb:updateItem': ['TableName', 'Key'],
  'dynamodb:deleteItem': ['TableName', 'Key'],
  'sagemaker:createTrainingJob': [
    'TrainingJobName',
    'AlgorithmSpecification',
    'RoleArn',
    'OutputDataConfig',
    'ResourceConfig',
    'StoppingCondition',
  ],
  'batch:submitJob': ['JobName', 'JobQueue', 'JobDefinition'],
};
