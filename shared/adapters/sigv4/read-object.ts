import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';
import { objectAddress } from './endpoints.ts';
import { ServiceError } from './service-error.ts';
import type { SignedClient } from './signed-client.ts';

/** Reads the objects of one bucket of S3. */
export const createObjectReader = (client: SignedClient, bucket: string): Pick<ArtifactStore, 'get'> => {
  const addressOf = objectAddress(client.env, bucket);
  return {
    get: async (key, ifMatch) => {
      const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch };
      try {
        const call = { service: 's3', method: 'GET', headers, ...addressOf(key) } as const;
        return (await callingService('S3', () => client.send(call))).body;
      } catch (error) {
        const status = error instanceof ServiceError ? error.$metadata.httpStatusCode : undefined;
        if (status === 404) throw new NotFoundError(`object ${key} does not exist`, { cause: error });
        if (status === 412) throw new ConflictError(`object ${key} changed since it was listed`, { cause: error });
        throw error;
      }
    },
  };
};
