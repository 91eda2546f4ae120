export type * from './edge.ts';
export { sqlUsesName } from './sql-uses-name.ts';
export { rolloutOf, type TrafficAt, trafficAt } from './traffic-at.ts';
export { type LineageGraph, type ReadEdges, type UnfinishedNode, walkLineage } from './walk-lineage.ts';
