import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { InvokeRequest, InvokeResult, LocalService, ServiceContext } from '../contracts.ts';
import { createRestHandler } from '../protocols/rest.ts';
import { ASYNC_PAYLOAD_BYTES, createAsyncQueue } from './async-queue.ts';
import { checkPayload, invokeSync, SYNC_PAYLOAD_BYTES } from './invocation.ts';
import { createLambdaState, type LambdaOptions } from './lambda-state.ts';
import { lambdaResources } from './resources.ts';
import { lambdaProtocol } from './routes.ts';

export type { LambdaOptions } from './lambda-state.ts';

export interface LambdaService extends LocalService {
  /** What `CloudPorts.invokeFunction` does. */
  invoke(request: InvokeRequest): Promise<InvokeResult>;
}

/** The embedded Lambda. It runs the very bundles of the assembly, each environment a worker thread. */
export const createLambdaService =
  (options: LambdaOptions) =>
  (context: ServiceContext): LambdaService => {
    const state = createLambdaState(context, options);
    const queue = createAsyncQueue(state);
    return {
      signingName: 'lambda',
      handle: createRestHandler(lambdaProtocol(state, queue)),
      resources: lambdaResources(state),
      invoke: async ({ functionName, qualifier, payload, invocationType }) => {
        const request = { functionName, qualifier, payload };
        checkPayload(payload, invocationType === 'Event' ? ASYNC_PAYLOAD_BYTES : SYNC_PAYLOAD_BYTES);
        if (invocationType === 'RequestResponse') return invokeSync(state, request);
        queue.accept(request);
        return { statusCode: 202, payload: '', executedVersion: '' };
      },
      start: async () => queue.resume(),
      stop: async () => {
        await state.pool.stop();
        rmSync(join(context.store.folder, 'lambda', 'tmp'), { recursive: true, force: true });
      },
    };
  };
