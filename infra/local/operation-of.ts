import { readSignature, type SignedRequest, splitTarget } from './iam/signature.ts';

/** What a request asks for, as far as its head and, for the query protocol, its body tell it. */
export interface AskedOperation {
  /** Signing name, such as `dynamodb`; empty for an unsigned request. */
  readonly service: string;
  /** AWS's name of the operation; the method and path where it has none, as for the APIs of API Gateway. */
  readonly operation: string;
}

/** By level, method and the words of the query that name an operation, in alphabetical order. */
const S3_OPERATIONS: Readonly<Record<string, string>> = {
  'service GET': 'ListBuckets',
  'bucket PUT': 'CreateBucket',
  'bucket HEAD': 'HeadBucket',
  'bucket DELETE': 'DeleteBucket',
  'bucket GET': 'ListObjects',
  'bucket GET list-type': 'ListObjectsV2',
  'bucket GET versions': 'ListObjectVersions',
  'bucket GET uploads': 'ListMultipartUploads',
  'bucket GET location': 'GetBucketLocation',
  'bucket GET versioning': 'GetBucketVersioning',
  'bucket PUT versioning': 'PutBucketVersioning',
  'bucket GET notification': 'GetBucketNotificationConfiguration',
  'bucket PUT notification': 'PutBucketNotificationConfiguration',
  'bucket GET policy': 'GetBucketPolicy',
  'bucket PUT policy': 'PutBucketPolicy',
  'bucket DELETE policy': 'DeleteBucketPolicy',
  'bucket GET encryption': 'GetBucketEncryption',
  'bucket PUT encryption': 'PutBucketEncryption',
  'bucket DELETE encryption': 'DeleteBucketEncryption',
  'bucket GET tagging': 'GetBucketTagging',
  'bucket PUT tagging': 'PutBucketTagging',
  'bucket DELETE tagging': 'DeleteBucketTagging',
  'bucket GET publicAccessBlock': 'GetPublicAccessBlock',
  'bucket GET lifecycle': 'GetBucketLifecycleConfiguration',
  'bucket PUT lifecycle': 'PutBucketLifecycleConfiguration',
  'bucket DELETE lifecycle': 'DeleteBucketLifecycle',
  'bucket GET object-lock': 'GetObjectLockConfiguration',
  'bucket PUT object-lock': 'PutObjectLockConfiguration',
  'bucket POST delete': 'DeleteObjects',
  'object GET': 'GetObject',
  'object HEAD': 'HeadObject',
  'object PUT': 'PutObject',
  'object PUT x-amz-copy-source': 'CopyObject',
  'object DELETE': 'DeleteObject',
  'object GET attributes': 'GetObjectAttributes',
  'object GET tagging': 'GetObjectTagging',
  'object PUT tagging': 'PutObjectTagging',
  'object DELETE tagging': 'DeleteObjectTagging',
  'object GET retention': 'GetObjectRetention',
  'object PUT retention': 'PutObjectRetention',
  'object GET legal-hold': 'GetObjectLegalHold',
  'object PUT legal-hold': 'PutObjectLegalHold',
  'object POST uploads': 'CreateMultipartUpload',
  'object PUT uploadId': 'UploadPart',
  'object PUT uploadId x-amz-copy-source': 'UploadPartCopy',
  'object POST uploadId': 'CompleteMultipartUpload',
  'object GET uploadId': 'ListParts',
  'object DELETE uploadId': 'AbortMultipartUpload',
};

const S3_WORDS: ReadonlySet<string> = new Set(
  Object.keys(S3_OPERATIONS).flatMap((key) =>
    key
      .split(' ')
      .slice(2)
      .filter((word) => word !== 'x-amz-copy-source'),
  ),
);

/** Method and the shape of the path, versions of the API and variables left out. */
const REST_OPERATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  lambda: {
    'GET functions': 'ListFunctions',
    'POST functions': 'CreateFunction',
    'GET functions/*': 'GetFunction',
    'DELETE functions/*': 'DeleteFunction',
    'GET functions/*/configuration': 'GetFunctionConfiguration',
    'PUT functions/*/configuration': 'UpdateFunctionConfiguration',
    'PUT functions/*/code': 'UpdateFunctionCode',
    'GET functions/*/versions': 'ListVersionsByFunction',
    'POST functions/*/versions': 'PublishVersion',
    'GET functions/*/aliases': 'ListAliases',
    'POST functions/*/aliases': 'CreateAlias',
    'GET functions/*/aliases/*': 'GetAlias',
    'PUT functions/*/aliases/*': 'UpdateAlias',
    'DELETE functions/*/aliases/*': 'DeleteAlias',
    'POST functions/*/invocations': 'Invoke',
    'PUT functions/*/event-invoke-config': 'PutFunctionEventInvokeConfig',
    'POST functions/*/event-invoke-config': 'UpdateFunctionEventInvokeConfig',
    'GET functions/*/event-invoke-config': 'GetFunctionEventInvokeConfig',
    'DELETE functions/*/event-invoke-config': 'DeleteFunctionEventInvokeConfig',
    'PUT functions/*/concurrency': 'PutFunctionConcurrency',
    'GET functions/*/concurrency': 'GetFunctionConcurrency',
    'DELETE functions/*/concurrency': 'DeleteFunctionConcurrency',
    'GET functions/*/policy': 'GetPolicy',
    'POST functions/*/policy': 'AddPermission',
    'DELETE functions/*/policy/*': 'RemovePermission',
    'GET event-source-mappings': 'ListEventSourceMappings',
    'POST event-source-mappings': 'CreateEventSourceMapping',
    'GET event-source-mappings/*': 'GetEventSourceMapping',
    'PUT event-source-mappings/*': 'UpdateEventSourceMapping',
    'DELETE event-source-mappings/*': 'DeleteEventSourceMapping',
  },
  scheduler: {
    'GET schedules': 'ListSchedules',
    'POST schedules/*': 'CreateSchedule',
    'GET schedules/*': 'GetSchedule',
    'PUT schedules/*': 'UpdateSchedule',
    'DELETE schedules/*': 'DeleteSchedule',
    'GET schedule-groups': 'ListScheduleGroups',
    'POST schedule-groups/*': 'CreateScheduleGroup',
    'GET schedule-groups/*': 'GetScheduleGroup',
    'DELETE schedule-groups/*': 'DeleteScheduleGroup',
  },
  batch: {
    'POST submitjob': 'SubmitJob',
    'POST describejobs': 'DescribeJobs',
    'POST listjobs': 'ListJobs',
    'POST terminatejob': 'TerminateJob',
    'POST canceljob': 'CancelJob',
    'POST describejobqueues': 'DescribeJobQueues',
    'POST describecomputeenvironments': 'DescribeComputeEnvironments',
    'POST describejobdefinitions': 'DescribeJobDefinitions',
    'POST registerjobdefinition': 'RegisterJobDefinition',
    'POST deregisterjobdefinition': 'DeregisterJobDefinition',
  },
};

const s3Operation = ({ method, target, headers }: SignedRequest): string | undefined => {
  const { path, query } = splitTarget(target);
  const parameters = new URLSearchParams(query);
  // A bucket in the host's name leaves its key alone in the path.
  const hosted = /^[^.]+(\.s3)?\.localhost(:\d+)?$/.test(headers.host ?? '') ? 1 : 0;
  const depth = path.split('/').filter((part) => part !== '').length + hosted;
  const level = ['service', 'bucket'][depth] ?? 'object';
  const words = [...new Set(parameters.keys())].filter((name) => S3_WORDS.has(name)).sort();
  const copies = level === 'object' && method === 'PUT' && headers['x-amz-copy-source'] !== undefined;
  return S3_OPERATIONS[[level, method, ...words, ...(copies ? ['x-amz-copy-source'] : [])].join(' ')];
};

/** `/2015-03-31/functions/f/aliases/live` → `functions/*\/aliases/*`: every second part is a variable. */
const restOperation = (service: string, { method, target }: SignedRequest): string | undefined => {
  const { path } = splitTarget(target);
  const parts = path.split('/').filter((part) => part !== '' && !/^(\d{4}-\d\d-\d\d|v1)$/.test(part));
  const shape = parts.map((part, index) => (index % 2 === 1 ? '*' : part)).join('/');
  return REST_OPERATIONS[service]?.[`${method} ${shape}`];
};

const CBOR_PATH = /\/service\/[^/]+\/operation\/([^/?]+)/;

/** `body` is asked for by the query protocol alone, whose operation stands in it. */
export const operationOf = (request: SignedRequest, body: () => string = () => ''): AskedOperation => {
  const service = readSignature(request)?.service ?? '';
  const { path } = splitTarget(request.target);
  const named =
    request.headers['x-amz-target']?.split('.')[1] ??
    CBOR_PATH.exec(path)?.[1] ??
    (service === 's3' ? s3Operation(request) : restOperation(service, request)) ??
    /(?:^|&)Action=([A-Za-z]+)/.exec(request.method === 'POST' && path === '/' ? body() : '')?.[1];
  return { service, operation: named ?? `${request.method} ${path}` };
};
