import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Tells whose promise was rejected with nobody there to hear it: several environments share this process, and Lambda
 * ends the one whose code it was. A rejection of anybody else stays what it is, an error that ends the process.
 */

type OnRejection = (reason: unknown) => void;

const inside = new AsyncLocalStorage<OnRejection>();
let listening = false;

const listen = (): void => {
  if (listening) return;
  listening = true;
  process.on('unhandledRejection', (reason) => {
    const onRejection = inside.getStore();
    if (onRejection === undefined) throw reason;
    onRejection(reason);
  });
};

/** Runs the code of one environment; everything that it sets off belongs to it. */
export const runInside = (onRejection: OnRejection, work: () => void): void => {
  listen();
  inside.run(onRejection, work);
};
