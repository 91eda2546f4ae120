export { type Assignment, type AssignmentRequest, assign, slotOfUnit, unitOf } from './assign.ts';
export {
  type CanaryShift,
  canaryPlan,
  type ExperimentStart,
  experimentPlan,
  isSettledOn,
  type PlanDraft,
  planAt,
  type RoutingSettings,
  settledPlan,
} from './change-plan.ts';
export { decideRollback, type Rollback } from './decide-rollback.ts';
export { countUnits, type ExperimentResults, experimentResults } from './experiment-results.ts';
export { PLAN_ACTION, PLAN_RECORDS, planFault, type StoredPlan } from './plan-fault.ts';
export { nextRoster, planDigest, type Roster, type RosterMember, requireMembers, rosterDigest } from './roster.ts';
export * from './routing-plan.ts';
export { type SampleRatio, type SampleSegment, sampleRatio } from './sample-ratio.ts';
