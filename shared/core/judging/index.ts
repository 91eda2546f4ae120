export type { ArmOutcomes, CellEvidence, EvidenceBlock } from './evidence-block.ts';
export { type FoldedBlock, foldUnits, type UnitLine } from './fold-units.ts';
export { type Forecast, foretell, type MetricForecast, type Traffic } from './foretell.ts';
export { type JudgeRow, type JudgeVerdict, judge } from './judge.ts';
export { checkPlan, type JudgeMetric, type JudgePlan, type JudgeSlice, WHOLE_TRAFFIC } from './judge-plan.ts';
export { type Abortion, type JudgeState, openJudge, updateJudge } from './judge-state.ts';
export { type AnsweredRequest, lineOutcomes, type OutcomeScales } from './line-outcomes.ts';
export { NO_SEEN_UNITS, type SeenUnits } from './seen-units.ts';
