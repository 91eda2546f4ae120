import type { AccessControl } from '../contracts.ts';

/** For a service under test by itself, whose callers have no roles. */
export const ALLOW_ALL: AccessControl = { require: () => {} };
