import { AwsError } from '../contracts.ts';
import type { Reason } from './policy/evaluate.ts';

/**
 * How each service says that it refuses.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */

export interface Denial {
  /** ARN of the caller's identity, or the name of the service that acts. */
  readonly user: string;
  readonly action: string;
  readonly resource: string;
  readonly reason: Reason;
}

interface Manner {
  readonly code: string;
  readonly status: number;
  readonly action?: (action: string) => string;
  readonly resource?: (resource: string) => string;
}

const JSON_SERVICE: Manner = { code: 'AccessDeniedException', status: 400 };
const REST_SERVICE: Manner = { code: 'AccessDeniedException', status: 403 };
const QUERY_SERVICE: Manner = { code: 'AccessDenied', status: 403 };

const MANNERS: Readonly<Record<string, Manner>> = {
  batch: REST_SERVICE,
  cloudwatch: QUERY_SERVICE,
  'execute-api': {
    ...REST_SERVICE,
    // API Gateway shows the end of the account only.
    resource: (resource) => resource.replace(/:\d{8}(\d{4}):/, ':********$1:'),
  },
  lambda: REST_SERVICE,
  s3: { ...QUERY_SERVICE, resource: (resource) => `"${resource}"` },
  scheduler: REST_SERVICE,
  sns: { code: 'AuthorizationError', status: 403, action: (action) => action.replace(/^sns:/, 'SNS:') },
  sqs: { code: 'AccessDeniedException', status: 403, action: (action) => action.toLowerCase() },
  sts: QUERY_SERVICE,
};

const mannerOf = (service: string): Manner => MANNERS[service] ?? JSON_SERVICE;

const because = (reason: Reason, action: string): string => {
  switch (reason) {
    case 'identity-deny':
      return 'with an explicit deny in an identity-based policy';
    case 'resource-deny':
      return 'with an explicit deny in a resource-based policy';
    case 'no-identity-allow':
      return `because no identity-based policy allows the ${action} action`;
    case 'no-resource-allow':
      return `because no resource-based policy allows the ${action} action`;
  }
};

const serviceOf = (action: string): string => action.slice(0, action.indexOf(':'));

/** What a service found denied, so that another one, on whose behalf it was asked, can say so in its own manner. */
export class AccessDenied extends AwsError {
  readonly denial: Denial;
  constructor(denial: Denial, service: string = serviceOf(denial.action)) {
    const { code, status } = mannerOf(service);
    super(code, deniedWords(denial, service), status);
    this.denial = denial;
  }
}

const deniedWords = ({ user, action, resource, reason }: Denial, service: string): string => {
  const manner = mannerOf(service);
  const shownAction = manner.action?.(action) ?? action;
  const place = resource === '*' ? '' : ` on resource: ${manner.resource?.(resource) ?? resource}`;
  return `User: ${user} is not authorized to perform: ${shownAction}${place} ${because(reason, shownAction)}`;
};

/** Codes of services that tell a refusal of KMS apart from their own. */
const KMS_DENIED: Readonly<Record<string, { readonly code: string; readonly prefix: string }>> = {
  dynamodb: { code: 'AccessDeniedException', prefix: 'KMS key access denied error: ' },
  sns: { code: 'KMSAccessDenied', prefix: '' },
  sqs: { code: 'KMS.AccessDeniedException', prefix: '' },
};

/** The refusal as `service` says it, which needed the action for a request of its own: a key's use, a role passed on. */
export const deniedBy = (service: string, { denial }: AccessDenied): AwsError => {
  const own = mannerOf(service);
  const kms = denial.action.startsWith('kms:') ? KMS_DENIED[service] : undefined;
  const words = deniedWords(denial, serviceOf(denial.action));
  return kms === undefined
    ? new AwsError(own.code, words, own.status)
    : new AwsError(kms.code, `${kms.prefix}${words}`, 400);
};
