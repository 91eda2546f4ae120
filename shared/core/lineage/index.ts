export type * from './edge.ts';
