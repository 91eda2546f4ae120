import { NotFoundError } from '../../shared/kernel/errors.ts';
import { logLine } from '../../shared/kernel/log.ts';
import { decodeRequest } from './decode-request.ts';
import { createStartPackaging, type StartDeps, type StartOutcome } from './start-packaging.ts';

/**
 * Starts the workflow that takes models in, once per request: its name is the request's. A version that a client
 * registered asks for itself; a person asks again.
 */
export const createHandler = (deps: StartDeps) => {
  const start = createStartPackaging(deps);
  return async (event: unknown, context: { readonly awsRequestId: string }): Promise<StartOutcome> => {
    const request = decodeRequest(event);
    if (request === undefined) return { outcome: 'left', reason: 'the change asks for no package' };
    const { kind, model } = request;
    const outcome = await start(request).catch((error: unknown): StartOutcome => {
      // Deleted before it was looked at: asking again would find it no more.
      if (error instanceof NotFoundError) return { outcome: 'left', reason: error.message };
      throw error;
    });
    logLine('info', 'packaging requested', { requestId: context.awsRequestId, kind, model, ...outcome });
    return outcome;
  };
};
