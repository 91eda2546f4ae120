import { AwsError, type CallFault, type WireResponse } from '../contracts.ts';
import { encodeCbor } from '../protocols/cbor.ts';
import { renderError } from '../protocols/errors.ts';

/** The faults that a caller sees as an error of the service, before any effect. */
export type RefusalKind = Extract<CallFault['kind'], 'throttle' | 'server-error'>;

type Refusals = Readonly<Record<RefusalKind, readonly [code: string, message: string, status: number]>>;

/** Common to AWS's APIs: https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html */
const COMMON: Refusals = {
  throttle: ['ThrottlingException', 'Rate exceeded', 400],
  'server-error': ['InternalFailure', 'The request processing has failed because of an unknown error.', 500],
};

const SERVER_ERROR = 'An internal error occurred.';

/** By signing name, from each service's API reference, "Errors". */
const BY_SERVICE: Readonly<Record<string, Partial<Refusals>>> = {
  batch: {
    throttle: ['TooManyRequestsException', 'Too Many Requests', 429],
    'server-error': ['ServerException', SERVER_ERROR, 500],
  },
  dynamodb: {
    throttle: [
      'ProvisionedThroughputExceededException',
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
      400,
    ],
    'server-error': ['InternalServerError', 'Internal server error', 500],
  },
  events: { 'server-error': ['InternalException', SERVER_ERROR, 500] },
  'execute-api': {
    throttle: ['TooManyRequestsException', 'Too Many Requests', 429],
    'server-error': ['InternalServerErrorException', 'Internal server error', 500],
  },
  firehose: {
    throttle: ['ServiceUnavailableException', 'Slow down.', 503],
    'server-error': ['ServiceUnavailableException', 'Service unavailable. Wait and try again.', 503],
  },
  kms: { 'server-error': ['KMSInternalException', SERVER_ERROR, 500] },
  lambda: {
    throttle: ['TooManyRequestsException', 'Rate Exceeded.', 429],
    'server-error': ['ServiceException', SERVER_ERROR, 500],
  },
  logs: { 'server-error': ['ServiceUnavailableException', 'The service cannot complete the request.', 503] },
  monitoring: { 'server-error': ['InternalServiceFault', SERVER_ERROR, 500] },
  s3: {
    throttle: ['SlowDown', 'Please reduce your request rate.', 503],
    'server-error': ['InternalError', 'We encountered an internal error. Please try again.', 500],
  },
  scheduler: {
    throttle: ['ThrottlingException', 'Rate exceeded', 429],
    'server-error': ['InternalServerException', SERVER_ERROR, 500],
  },
  sns: {
    throttle: ['Throttling', 'Rate exceeded', 400],
    'server-error': ['InternalError', SERVER_ERROR, 500],
  },
  sqs: {
    throttle: ['RequestThrottled', 'Request is throttled.', 403],
    'server-error': ['InternalFailure', SERVER_ERROR, 500],
  },
  ssm: { 'server-error': ['InternalServerError', SERVER_ERROR, 500] },
  sts: { throttle: ['Throttling', 'Rate exceeded', 400] },
};

/** The error that a service answers with when it throttles, or fails by itself, before any effect. */
export const refusalOf = (kind: RefusalKind, service: string): AwsError => {
  const [code, message, status] = BY_SERVICE[service]?.[kind] ?? COMMON[kind];
  return new AwsError(code, message, status);
};

/** The same error in the protocol that the request speaks. */
export const renderRefusal = (
  kind: RefusalKind,
  service: string,
  request: { readonly headers: Readonly<Record<string, string>>; readonly requestId: string },
): WireResponse => {
  const error = refusalOf(kind, service);
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') {
    return {
      status: error.status,
      headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
      body: encodeCbor({ __type: error.code, message: error.message }),
    };
  }
  return renderError(service, error, request.requestId);
};
