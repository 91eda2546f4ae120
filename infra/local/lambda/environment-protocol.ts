/** What an execution environment (a worker thread) and the embedded cloud say to each other. */

export interface EnvironmentData {
  /** Folder that holds the function's code. */
  readonly taskRoot: string;
  /** Where compiled code is kept. */
  readonly compiledFolder: string;
  /** `index.handler`. */
  readonly handler: string;
  /** Memory of the virtual clock, see `readSharedClock`. */
  readonly sharedClock: SharedArrayBuffer;
  /** One int32: 0 keeps an environment that has answered frozen, as Lambda does; 1 lets it run. */
  readonly gate: SharedArrayBuffer;
}

export interface InvokeMessage {
  readonly payload: string;
  readonly requestId: string;
  readonly invokedFunctionArn: string;
  readonly timeoutMs: number;
}

export interface FunctionFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export type EnvironmentMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'init-failed'; readonly failure: FunctionFailure }
  | { readonly type: 'result'; readonly payload: string }
  | { readonly type: 'failed'; readonly failure: FunctionFailure }
  /** `level` is absent for text that was written to stdout or stderr directly. */
  | { readonly type: 'log'; readonly text: string; readonly level?: string };
