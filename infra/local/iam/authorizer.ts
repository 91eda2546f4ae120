import type { Caller } from '../contracts.ts';

export interface AuthorizationRequest {
  readonly caller: Caller;
  /** Signing name of the service called. */
  readonly service: string;
  /** The operation as far as the head of the request tells it: the JSON target, or the method and path. */
  readonly operation: string;
}

/** Decides whether a caller may do what it asks. The server consults it before every call. */
export interface Authorizer {
  /** @throws AwsError AccessDeniedException */
  authorize(request: AuthorizationRequest): void;
}

export interface RecordingAuthorizer extends Authorizer {
  /** Services and JSON operations that each caller used: what its role must allow on AWS. */
  used(): Readonly<Record<string, readonly string[]>>;
}

/** Allows everything and remembers who used what. */
export const createRecordingAuthorizer = (): RecordingAuthorizer => {
  const byCaller = new Map<string, Set<string>>();
  return {
    authorize: ({ caller, service, operation }) => {
      const used = byCaller.get(caller.arn) ?? new Set<string>();
      byCaller.set(caller.arn, used);
      used.add(`${service}:${operation}`);
    },
    used: () => Object.fromEntries([...byCaller].map(([arn, used]) => [arn, [...used].sort()])),
  };
};
