/** Who is billed for a request. */
export interface Caller {
  /** ARN of who signed it. */
  readonly principal?: string | undefined;
  readonly apiKeyId?: string | undefined;
}

/** What is counted under it came from callers that nobody named: lines of before requests were captured. */
export const UNKNOWN_CLIENT = 'unknown';

const SESSION = /^(arn:[^:]*:sts::[^:]*:assumed-role\/[^/]+)\/.*$/;

/**
 * The client that a request counts for: `key:<id>` of its API key, or else the ARN of who signed it, a role without its
 * session, whose name is made up anew with every login.
 */
export const clientOf = ({ principal, apiKeyId }: Caller): string => {
  if (apiKeyId !== undefined) return `key:${apiKeyId}`;
  return principal === undefined ? UNKNOWN_CLIENT : principal.replace(SESSION, '$1');
};
