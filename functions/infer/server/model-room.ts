import type { LoadPlan, LoadRequest, ModelCache } from '../../../shared/core/model-cache/index.ts';

/** Not the model's fault: it may be asked for again at once. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

interface Deps {
  readonly cache: ModelCache;
  nowMs(): number;
  /** Sends an entry away; resolves when its memory is free. */
  leave(entry: string): Promise<void>;
}

/** What a request that waited for a load has to use it. */
const GRACE_MS = 1_000;

/** Who waits for something to change. */
const createChanges = () => {
  const waiting = new Set<() => void>();
  return {
    tell: (): void => {
      for (const wake of [...waiting]) wake();
    },
    next: (limitMs: number): Promise<void> =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.max(1, limitMs));
        waiting.add(wake);
      }),
  };
};

/** The memory that models may take: loads wait here until others have left. */
export const createModelRoom = ({ cache, nowMs, leave }: Deps) => {
  const changes = createChanges();
  /** By model: entries that were not used yet, each by what lets it go. */
  const unused = new Map<string, Set<() => void>>();

  const sendAway = (entries: readonly string[]): void => {
    for (const entry of entries) {
      const gone = (): void => {
        cache.left(entry);
        changes.tell();
      };
      leave(entry).then(gone, gone);
    }
  };

  /** A model that was loaded for a request does not leave before that was answered. */
  const holdForFirstUse = (entry: string, model: string): void => {
    const release = (): void => {
      clearTimeout(timer);
      const waiting = unused.get(model);
      if (waiting?.delete(release) !== true) return;
      if (waiting.size === 0) unused.delete(model);
      cache.unpin(entry);
      changes.tell();
    };
    const timer = setTimeout(release, GRACE_MS).unref();
    cache.pin(entry);
    unused.set(model, (unused.get(model) ?? new Set()).add(release));
  };

  /** @returns undefined where it has to wait. */
  const tryPlan = (load: LoadRequest): Exclude<LoadPlan, { outcome: 'full' }> | undefined => {
    // The same model may be leaving the same place.
    if (cache.stateOf(load.key) !== undefined) return undefined;
    const plan = cache.request(load);
    if (plan.outcome !== 'full') return plan;
    if ((load.share ?? 1) < 1) throw new NoRoomError(`there is no memory for a copy of model ${load.model}`);
    return undefined;
  };

  const until = async (ready: () => boolean, deadlineMs: number): Promise<boolean> => {
    while (!ready()) {
      if (nowMs() >= deadlineMs) return false;
      await changes.next(deadlineMs - nowMs());
    }
    return true;
  };

  const cancel = (entry: string): void => {
    cache.cancel(entry);
    changes.tell();
  };

  return {
    /** Waits until the bytes are taken for this entry. @throws NoRoomError */
    reserve: async (load: LoadRequest, deadlineMs: number): Promise<void> => {
      const { key, model, bytes } = load;
      let plan: ReturnType<typeof tryPlan>;
      const planned = await until(() => {
        plan = tryPlan(load);
        return plan !== undefined;
      }, deadlineMs);
      if (!planned) throw new NoRoomError(`there is no memory for model ${model}: all is in use`);
      if (plan?.outcome === 'planned') sendAway(plan.leaving);
      else throw new NoRoomError(`model ${model} needs ${bytes} bytes of memory, models may take ${cache.budgetBytes}`);
      if (await until(() => cache.start(key), deadlineMs)) return;
      cancel(key);
      throw new NoRoomError(`there is no memory for model ${model} yet: others are leaving`);
    },
    cancel,
    /** The load's end. */
    settle: (entry: string, model: string, measuredBytes: number): void => {
      const leaving = cache.settle(entry, measuredBytes);
      if (!leaving.includes(entry)) holdForFirstUse(entry, model);
      sendAway(leaving);
      changes.tell();
    },
    /** Sends an entry away if it is not in use. */
    evict: (entry: string): void => {
      if (cache.evict(entry)) sendAway([entry]);
    },
    used: (model: string, times: number): void => {
      cache.used(model, times);
      for (const release of [...(unused.get(model) ?? [])]) release();
    },
    isResident: (entry: string): boolean => cache.stateOf(entry) === 'resident',
    isKnown: (entry: string): boolean => cache.stateOf(entry) !== undefined,
  };
};
