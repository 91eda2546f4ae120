import type { MessagePort } from 'node:worker_threads';
import type { OnlinePlan } from '../../../shared/core/features/index.ts';
import type { LoadedModelName, ModelSignature, Tensor, TensorSpec } from '../../../shared/core/inference/index.ts';
import type { MetricSnapshot } from '../../../shared/core/prometheus/index.ts';
import {
  AlreadyExistsError,
  InvalidRequestError,
  InvalidStateError,
  NotFoundError,
  UnavailableError,
} from '../../../shared/kernel/errors.ts';
import type { Engine } from '../../../shared/ports/model-runtime.ts';
import type { Settings } from './settings.ts';

/**
 * What the threads of a server say to each other. The coordinator (the main thread) knows which model is where and what
 * may be loaded; HTTP threads answer requests; runners run what needs onnxruntime. Runs go between threads directly.
 */

export type Role = 'http' | 'runner';

export interface ThreadData {
  readonly role: Role;
  readonly index: number;
  readonly settings: Settings;
  /** By thread index: the way to each thread that this one may ask, or is asked by. */
  readonly peers: readonly (MessagePort | undefined)[];
}

/** A model in memory, and the threads that hold it. */
export interface Placement {
  readonly key: string;
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly engine: Engine;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly signature?: ModelSignature;
  readonly onlinePlan?: OnlinePlan;
  readonly holders: readonly number[];
}

export interface LoadOrder {
  readonly key: string;
  readonly model: string;
  readonly version: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Most that it may be said to take. */
  readonly reservedBytes: number;
  /** Of a model that must answer a row of nothing by a number, or is not loaded. */
  readonly mustAnswer?: ModelSignature;
}

export interface Loaded {
  readonly engine: Engine;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly measuredBytes: number;
}

/** An error without its class, which does not pass between threads. */
export interface SentError {
  readonly name: string;
  readonly message: string;
}

export type ToThread =
  | { readonly kind: 'found'; readonly id: number; readonly placement: Placement }
  | { readonly kind: 'not-found'; readonly id: number; readonly error: SentError }
  | { readonly kind: 'may-serve'; readonly id: number; readonly ready: boolean }
  | { readonly kind: 'load'; readonly order: LoadOrder }
  | { readonly kind: 'leave'; readonly key: string }
  | { readonly kind: 'listen'; readonly port: number }
  | { readonly kind: 'ready'; readonly ready: boolean }
  | { readonly kind: 'drain' }
  | { readonly kind: 'tell-metrics'; readonly id: number }
  | { readonly kind: 'metrics'; readonly id: number; readonly text: string }
  /** What the server was told of, after each change. */
  | { readonly kind: 'inventory'; readonly models: readonly LoadedModelName[] }
  | { readonly kind: 'inventory-changed'; readonly id: number; readonly error?: SentError };

export type ToCoordinator =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'find'; readonly id: number; readonly model: string; readonly version?: string }
  /** Whether the model could serve, without having it loaded. */
  | { readonly kind: 'ask-ready'; readonly id: number; readonly model: string; readonly version?: string }
  /** Requests wait for the model where it is: another copy would help. */
  | { readonly kind: 'copy'; readonly key: string }
  | { readonly kind: 'loaded'; readonly key: string; readonly loaded: Loaded }
  | { readonly kind: 'load-failed'; readonly key: string; readonly error: SentError }
  | { readonly kind: 'left'; readonly key: string }
  | { readonly kind: 'used'; readonly models: readonly (readonly [model: string, times: number])[] }
  | { readonly kind: 'own-metrics'; readonly id: number; readonly snapshot: MetricSnapshot }
  | { readonly kind: 'want-metrics'; readonly id: number }
  | { readonly kind: 'add-model'; readonly id: number; readonly model: string; readonly url: string }
  | { readonly kind: 'remove-model'; readonly id: number; readonly model: string }
  | { readonly kind: 'drained' };

/** Between two threads that run models for each other. */
export type PeerMessage =
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly key: string;
      readonly inputs: readonly Tensor[];
      readonly outputNames?: readonly string[];
    }
  | { readonly kind: 'ran'; readonly id: number; readonly outputs: readonly Tensor[] }
  | { readonly kind: 'gone'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: SentError };

const KNOWN = { AlreadyExistsError, InvalidRequestError, InvalidStateError, NotFoundError, UnavailableError };

export const sentError = (error: unknown): SentError =>
  error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: String(error) };

/** The error as it was thrown; one that is not ours is a plain error of that name. */
export const receivedError = ({ name, message }: SentError): Error => {
  if (Object.hasOwn(KNOWN, name)) return new KNOWN[name as keyof typeof KNOWN](message);
  const error = new Error(message);
  error.name = name;
  return error;
};
