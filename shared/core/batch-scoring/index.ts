export { type Attempt, MOST_ATTEMPTS, nextStep } from './attempts.ts';
export { columnFaults } from './column-faults.ts';
export { coverageFault, type OutputCount } from './coverage-fault.ts';
export { describeJob } from './describe-job.ts';
export {
  columnsSql,
  countScoredSql,
  firstMissingSql,
  partRowsSql,
  readPartSql,
  rowGroupsSql,
  writeScoredSql,
} from './part-sql.ts';
export { MOST_PARTS, planParts } from './plan-parts.ts';
export type * from './scoring-part.ts';
export { scoringPlaces } from './scoring-places.ts';
