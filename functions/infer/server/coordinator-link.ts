import type { LoadedModelName } from '../../../shared/core/inference/index.ts';
import type { MetricSnapshot } from '../../../shared/core/prometheus/index.ts';
import { UnavailableError } from '../../../shared/kernel/errors.ts';
import type { Executor } from './executor.ts';
import { type Placement, receivedError, sentError, type ToCoordinator, type ToThread } from './messages.ts';

/** The way to the coordinator, as `parentPort` of a worker thread is. */
export interface Wire {
  postMessage(message: ToCoordinator): void;
  on(event: 'message', listener: (message: ToThread) => void): unknown;
}

interface Deps {
  readonly wire: Wire;
  readonly executor: Executor;
  snapshot(): MetricSnapshot;
  /** Told by the coordinator. */
  onListen(port: number): void;
  onReady(ready: boolean): void;
  onDrain(): void;
  onInventory(models: readonly LoadedModelName[]): void;
}

/** Questions that wait for the coordinator; more of them are refused. */
const MOST_QUESTIONS = 2_000;
const USES_EVERY_MS = 20;

/** What is asked of a model, and waits for the coordinator's answer. */
const createQuestions = (wire: Wire, nextId: () => number) => {
  const waiting = new Map<number, { resolve(answer: Placement | boolean): void; reject(error: unknown): void }>();
  const ask = (kind: 'find' | 'ask-ready', model: string, version?: string): Promise<Placement | boolean> => {
    if (waiting.size >= MOST_QUESTIONS) {
      throw new UnavailableError(`${MOST_QUESTIONS} requests wait for models to be loaded, no more may`);
    }
    const id = nextId();
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      wire.postMessage({ kind, id, model, ...(version === undefined ? {} : { version }) });
    });
  };
  const answered = (id: number, answer: Placement | boolean): void => {
    waiting.get(id)?.resolve(answer);
    waiting.delete(id);
  };
  return {
    find: (model: string, version?: string) => ask('find', model, version) as Promise<Placement>,
    askReady: (model: string, version?: string) => ask('ask-ready', model, version) as Promise<boolean>,
    answered,
    failed: (id: number, error: unknown): void => {
      waiting.get(id)?.reject(error);
      waiting.delete(id);
    },
  };
};

/** A thread's side of what the coordinator says and is told. */
export const linkCoordinator = ({ wire, executor, snapshot, onListen, onReady, onDrain, onInventory }: Deps) => {
  const changes = new Map<number, { resolve(): void; reject(error: unknown): void }>();
  const texts = new Map<number, (text: string) => void>();
  let nextId = 1;
  const id = (): number => {
    nextId += 1;
    return nextId;
  };
  const questions = createQuestions(wire, id);
  const uses = new Map<string, number>();
  let usesTimer: NodeJS.Timeout | undefined;
  const tellUses = (): void => {
    usesTimer = undefined;
    wire.postMessage({ kind: 'used', models: [...uses] });
    uses.clear();
  };

  const load = async (order: (ToThread & { readonly kind: 'load' })['order']): Promise<void> => {
    try {
      wire.postMessage({ kind: 'loaded', key: order.key, loaded: await executor.load(order) });
    } catch (error) {
      wire.postMessage({ kind: 'load-failed', key: order.key, error: sentError(error) });
    }
  };
  const leave = async (key: string): Promise<void> => {
    await executor.leave(key).catch(() => undefined);
    wire.postMessage({ kind: 'left', key });
  };

  const heard: { readonly [K in ToThread['kind']]: (message: Extract<ToThread, { kind: K }>) => void } = {
    found: ({ id: asked, placement }) => questions.answered(asked, placement),
    'not-found': ({ id: asked, error }) => questions.failed(asked, receivedError(error)),
    'may-serve': ({ id: asked, ready }) => questions.answered(asked, ready),
    load: ({ order }) => void load(order),
    leave: ({ key }) => void leave(key),
    listen: ({ port }) => onListen(port),
    ready: ({ ready }) => onReady(ready),
    drain: onDrain,
    inventory: ({ models }) => onInventory(models),
    'inventory-changed': ({ id: asked, error }) => {
      if (error === undefined) changes.get(asked)?.resolve();
      else changes.get(asked)?.reject(receivedError(error));
      changes.delete(asked);
    },
    'tell-metrics': ({ id: asked }) => wire.postMessage({ kind: 'own-metrics', id: asked, snapshot: snapshot() }),
    metrics: ({ id: asked, text }) => {
      texts.get(asked)?.(text);
      texts.delete(asked);
    },
  };
  const change = (message: (asked: number) => ToCoordinator): Promise<void> =>
    new Promise((resolve, reject) => {
      const asked = id();
      changes.set(asked, { resolve, reject });
      wire.postMessage(message(asked));
    });
  wire.on('message', (message) => (heard[message.kind] as (message: ToThread) => void)(message));

  return {
    ask: questions.find,
    askReady: questions.askReady,
    askForCopy: (key: string): void => wire.postMessage({ kind: 'copy', key }),
    used: (model: string): void => {
      uses.set(model, (uses.get(model) ?? 0) + 1);
      if (usesTimer === undefined) usesTimer = setTimeout(tellUses, USES_EVERY_MS).unref();
    },
    metricsText: (): Promise<string> => {
      const asked = id();
      return new Promise((resolve) => {
        texts.set(asked, resolve);
        wire.postMessage({ kind: 'want-metrics', id: asked });
      });
    },
    addModel: (model: string, url: string): Promise<void> =>
      change((asked) => ({ kind: 'add-model', id: asked, model, url })),
    removeModel: (model: string): Promise<void> => change((asked) => ({ kind: 'remove-model', id: asked, model })),
    listening: (port: number): void => wire.postMessage({ kind: 'listening', port }),
    drained: (): void => wire.postMessage({ kind: 'drained' }),
  };
};
