import type { Worker } from 'node:worker_threads';
import type { Holder } from './load-desk.ts';
import { type Loaded, type Role, receivedError, type ToCoordinator, type ToThread } from './messages.ts';

export interface ThreadHandle extends Holder {
  post(message: ToThread): void;
  on<K extends ToCoordinator['kind']>(kind: K, listener: (message: Extract<ToCoordinator, { kind: K }>) => void): void;
}

/** The coordinator's side of a worker thread. */
export const handleThread = (worker: Worker, role: Role, index: number): ThreadHandle => {
  const listeners = new Map<ToCoordinator['kind'], (message: never) => void>();
  const loads = new Map<string, { resolve(loaded: Loaded): void; reject(error: unknown): void }>();
  const leaves = new Map<string, () => void>();
  const post = (message: ToThread, transfer: ArrayBuffer[] = []): void => worker.postMessage(message, transfer);

  worker.on('message', (message: ToCoordinator) => {
    if (message.kind === 'loaded') loads.get(message.key)?.resolve(message.loaded);
    else if (message.kind === 'load-failed') loads.get(message.key)?.reject(receivedError(message.error));
    else if (message.kind === 'left') leaves.get(message.key)?.();
    else listeners.get(message.kind)?.(message as never);
  });

  return {
    index,
    role,
    post,
    on: (kind, listener) => listeners.set(kind, listener),
    load: (order) =>
      new Promise<Loaded>((resolve, reject) => {
        loads.set(order.key, { resolve, reject });
        // What the interpreter may not take goes on to a runner: only there the bytes are given away.
        post({ kind: 'load', order }, role === 'runner' ? [order.bytes.buffer] : []);
      }).finally(() => loads.delete(order.key)),
    leave: (key) =>
      new Promise<void>((resolve) => {
        leaves.set(key, () => {
          leaves.delete(key);
          resolve();
        });
        post({ kind: 'leave', key });
      }),
  };
};
