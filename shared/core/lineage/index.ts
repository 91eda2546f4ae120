export type * from './edge.ts';
export { type LineageGraph, walkLineage } from './walk-lineage.ts';
