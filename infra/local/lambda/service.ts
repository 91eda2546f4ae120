import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  AwsError,
  type InvokeRequest,
  type InvokeResult,
  type LocalService,
  type ServiceContext,
} from '../contracts.ts';
import { guardRoutes } from '../iam/guard.ts';
import { createRestHandler } from '../protocols/rest.ts';
import { lambdaAccess, requireInvoke } from './access.ts';
import { ASYNC_PAYLOAD_BYTES, createAsyncQueue } from './async-queue.ts';
import { checkPayload, checkPayloadSize, invokeSync, SYNC_PAYLOAD_BYTES } from './invocation.ts';
import { createLambdaState, type LambdaOptions } from './lambda-state.ts';
import { createMappingBook } from './mappings/mapping-book.ts';
import { lambdaResources } from './resources.ts';
import { lambdaProtocol } from './routes.ts';

export type { LambdaOptions } from './lambda-state.ts';

export interface LambdaService extends LocalService {
  /** What `CloudPorts.invokeFunction` does. */
  invoke(request: InvokeRequest): Promise<InvokeResult>;
}

const noSources = (): never => {
  throw new AwsError('NotSupported', 'event source mappings need the services that they read', 500);
};

/** The embedded Lambda. It runs the very bundles of the assembly, each environment a worker thread. */
export const createLambdaService =
  (options: LambdaOptions) =>
  (context: ServiceContext): LambdaService => {
    const state = createLambdaState(context, options);
    const queue = createAsyncQueue(state);
    const mappings = createMappingBook(state, options.sources ?? noSources);
    const protocol = lambdaProtocol(state, queue, mappings);
    return {
      signingName: 'lambda',
      handle: createRestHandler({
        ...protocol,
        routes: guardRoutes({ access: context.access, service: 'lambda' }, lambdaAccess(state), protocol.routes),
      }),
      resources: lambdaResources(state, mappings),
      invoke: async ({ functionName, qualifier, payload, invocationType, principal }) => {
        if (principal !== undefined) requireInvoke(state, principal, functionName, qualifier);
        const request = { functionName, qualifier, payload };
        if (invocationType === 'RequestResponse') {
          // Who waits for an answer here is a service of this cloud, which wrote the JSON itself.
          checkPayloadSize(payload, SYNC_PAYLOAD_BYTES);
          return invokeSync(state, request);
        }
        checkPayload(payload, ASYNC_PAYLOAD_BYTES);
        queue.accept(request);
        return { statusCode: 202, payload: '', executedVersion: '' };
      },
      start: async () => {
        queue.resume();
        mappings.start();
      },
      stop: async () => {
        mappings.stop();
        await state.pool.stop();
        rmSync(join(context.store.folder, 'lambda', 'tmp'), { recursive: true, force: true });
      },
    };
  };
