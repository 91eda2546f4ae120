export type * from './model-version.ts';
