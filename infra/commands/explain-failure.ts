/** What a failure of a call means to the person at the terminal, and what helps. */

interface Cause {
  /** Names and codes of the errors that it explains. */
  readonly names: readonly string[];
  readonly tell: (message: string) => string;
}

const CAUSES: readonly Cause[] = [
  {
    names: ['CredentialsProviderError', 'TokenProviderError'],
    tell: () =>
      'no AWS credentials were found: give --profile, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run aws sso login',
  },
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'],
    tell: () => 'the AWS credentials have expired: run aws sso login, or take fresh ones',
  },
  {
    names: [
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'InvalidAccessKeyId',
    ],
    tell: (message) => `AWS does not know these credentials: ${message}`,
  },
  {
    names: ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'],
    tell: (message) => `these credentials may not do that: ${message}`,
  },
  {
    names: ['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT', 'EAI_AGAIN'],
    tell: (message) => `nothing answers there (${message}): look at --endpoint, --region and the network`,
  },
  {
    names: ['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'EACCES', 'EROFS', 'ENOSPC'],
    tell: (message) => `a file or folder cannot be read or written: ${message}`,
  },
];

/** Errors wrap others; a call that failed at several addresses holds one for each. */
const chainOf = (error: unknown): readonly Error[] => {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors : [];
  return [error, ...[error.cause, ...inner].flatMap(chainOf)];
};

const REGION_MISSING = 'Region is missing';

/** One line for a person. Undefined for what is a fault of the program. */
export const explainFailure = (error: unknown): string | undefined => {
  for (const one of chainOf(error)) {
    if (one.message === REGION_MISSING)
      return 'no AWS region is set: give --region, or set AWS_REGION; what npm start brought up is --stage local';
    const names = [one.name, 'code' in one ? String(one.code) : ''];
    const cause = CAUSES.find((known) => names.some((name) => known.names.includes(name)));
    if (cause !== undefined) return cause.tell(one.message || names.join(' ').trim());
  }
  return undefined;
};
