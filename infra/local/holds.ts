/** Work in progress, counted: the clock does not leap while any is open. */
export interface Holds {
  hold(label: string): () => void;
  during<T>(label: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when none is open. */
  released(): Promise<void>;
  openLabels(): readonly string[];
}

export const createHolds = (): Holds => {
  const open = new Map<symbol, string>();
  let waiters: (() => void)[] = [];

  const hold = (label: string): (() => void) => {
    const key = Symbol(label);
    open.set(key, label);
    return () => {
      if (!open.delete(key) || open.size > 0) return;
      const waiting = waiters;
      waiters = [];
      for (const resume of waiting) resume();
    };
  };

  return {
    hold,
    during: async (label, work) => {
      const release = hold(label);
      try {
        return await work();
      } finally {
        release();
      }
    },
    released: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    openLabels: () => [...open.values()],
  };
};
