import type { MessagePort } from 'node:worker_threads';
import type { Tensor } from '../../../shared/core/inference/index.ts';
import type { Executor } from './executor.ts';
import { type PeerMessage, receivedError, sentError } from './messages.ts';

type Outputs = readonly Tensor[];

/** Another thread, as one that may hold a model. */
export interface Peer {
  /** @returns undefined where the model is not there (any more). */
  run(key: string, inputs: readonly Tensor[], outputNames?: readonly string[]): Promise<Outputs | undefined>;
  readonly pendingCount: number;
}

/** Buffers that are an answer's alone: they need not be copied to the other thread. */
const ownBuffers = (outputs: Outputs): ArrayBuffer[] => {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of outputs) {
    if (!ArrayBuffer.isView(data)) continue;
    const { buffer, byteLength } = data as Uint8Array;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffers.add(buffer);
  }
  return [...buffers];
};

/** Runs this thread's models for the other, and asks the other for its own. */
export const connectPeer = (port: MessagePort, executor: Executor): Peer => {
  const pending = new Map<number, { resolve(outputs: Outputs | undefined): void; reject(error: unknown): void }>();
  let nextId = 1;
  const send = (message: PeerMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

  const serve = (message: PeerMessage & { readonly kind: 'run' }): void => {
    const { id, key, inputs, outputNames } = message;
    const failed = (error: unknown): void => send({ kind: 'failed', id, error: sentError(error) });
    const ran = (outputs: Outputs): void => send({ kind: 'ran', id, outputs }, ownBuffers(outputs));
    try {
      const outputs = executor.run(key, inputs, outputNames);
      if (outputs === undefined) send({ kind: 'gone', id });
      else if (outputs instanceof Promise) outputs.then(ran).catch(failed);
      else ran(outputs);
    } catch (error) {
      failed(error);
    }
  };

  port.on('message', (message: PeerMessage) => {
    if (message.kind === 'run') {
      serve(message);
      return;
    }
    const asked = pending.get(message.id);
    pending.delete(message.id);
    if (message.kind === 'failed') asked?.reject(receivedError(message.error));
    else asked?.resolve(message.kind === 'ran' ? message.outputs : undefined);
  });

  return {
    get pendingCount() {
      return pending.size;
    },
    run: (key, inputs, outputNames) =>
      new Promise((resolve, reject) => {
        const id = nextId;
        nextId += 1;
        pending.set(id, { resolve, reject });
        send({ kind: 'run', id, key, inputs, ...(outputNames === undefined ? {} : { outputNames }) });
      }),
  };
};
