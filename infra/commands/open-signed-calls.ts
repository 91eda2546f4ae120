import { LambdaClient } from '@aws-sdk/client-lambda';
import { type CallAws, createAwsCaller } from './doctor/signed-call.ts';
import type { StageAccess } from './open-stage.ts';

export interface SignedCalls {
  /** Calls to AWS's own endpoints (or the embedded cloud's), or to another origin. */
  at(origin?: string, timeoutMs?: number): CallAws;
}

/** Calls of APIs that the platform has no client for, with the credentials that every client of the SDK finds. */
export const openSignedCalls = async (access: StageAccess): Promise<SignedCalls> => {
  const client = new LambdaClient({ ...access });
  try {
    const [region, credentials] = await Promise.all([client.config.region(), client.config.credentials()]);
    return {
      at: (origin = access.endpoint, timeoutMs) =>
        createAwsCaller({
          region,
          credentials,
          endpoint: origin,
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        }),
    };
  } finally {
    client.destroy();
  }
};
