/** A value that is there, or will be. */
export type Later<T> = T | Promise<T>;

/** Promises of other realms are promises too. */
export const isPromise = <T>(value: Later<T>): value is Promise<T> =>
  typeof value === 'object' && value !== null && typeof (value as { readonly then?: unknown }).then === 'function';

/** The next step: at once where the value is there, so that what need not wait does not. */
export const later = <T, U>(value: Later<T>, next: (value: T) => Later<U>): Later<U> =>
  isPromise(value) ? value.then(next) : next(value);
