/**
 * Whether the process has come to rest: microtasks, ticks and immediates have run out, and no file or other native
 * operation is under way. Only then may a simulation do the next thing, or its order would depend on the machine.
 */

export interface Quiescence {
  /** Runs work outside the event loop's order (a thread, a library of its own): no rest before it has ended. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves at rest. */
  rest(): Promise<void>;
}

/** What `process.getActiveResourcesInfo` calls work that ends by itself: immediates and operations on files. */
const ACTIVE = /^(Immediate$|FSReq|CloseReq)/;

const isActive = (): boolean => process.getActiveResourcesInfo().some((type) => ACTIVE.test(type));

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One loop for the whole process: two that wait, be it of two clouds, would each take the other's turn for activity. */
let resting: Promise<void> | undefined;

const restOfProcess = async (): Promise<void> => {
  do await turn();
  while (isActive());
  resting = undefined;
};

export const createQuiescence = (): Quiescence => {
  let running = 0;
  let ended: Promise<void> | undefined;
  let end: () => void = () => {};

  return {
    during: async (work) => {
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        end();
        ended = undefined;
      }
    },
    rest: async () => {
      do {
        if (running > 0) {
          ended ??= new Promise<void>((resolve) => {
            end = resolve;
          });
          await ended;
        }
        resting ??= restOfProcess();
        await resting;
      } while (running > 0 || isActive());
    },
  };
};
