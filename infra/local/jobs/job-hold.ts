import type { LocalClock } from '../contracts.ts';

/** Keeps the clock still while a job works, and lets it go while the job only waits for a program in virtual time. */
export interface JobHold {
  /** Waits without keeping the clock: whatever works meanwhile holds it by itself. */
  aside<T>(work: () => Promise<T>): Promise<T>;
}

/** A job in the machine's time never lets go: its program knows nothing of the clock. */
export const MACHINE_HOLD: JobHold = { aside: (work) => work() };

/** Runs a job under a hold. Never rejects if `run` does not. */
export const holdForJob = async (
  clock: LocalClock,
  label: string,
  run: (hold: JobHold) => Promise<void>,
): Promise<void> => {
  let release = clock.hold(label);
  const aside: JobHold['aside'] = async (work) => {
    release();
    try {
      return await work();
    } finally {
      release = clock.hold(label);
    }
  };
  try {
    await run({ aside });
  } finally {
    release();
  }
};
