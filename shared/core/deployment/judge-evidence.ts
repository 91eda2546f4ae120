import { type JudgePlan, type JudgeState, type JudgeVerdict, judge, WHOLE_TRAFFIC } from '../judging/index.ts';
import type { EvidenceTaken } from './evidence-taken.ts';
import { judgeAlone } from './judge-alone.ts';
import type { JudgeRules } from './judge-rules.ts';

interface Evidence {
  readonly plan: JudgePlan;
  readonly rules: JudgeRules;
  readonly state: JudgeState;
  readonly taken: EvidenceTaken;
}

export interface EvidenceVerdict extends Pick<JudgeVerdict, 'decision' | 'reason' | 'rows'> {
  /** Units that the canary answered so far. */
  readonly canaryUnitCount: number;
}

/** One failed request may be the infrastructure's (an environment that was killed) as well as the version's. */
const FEWEST_FAILURES = 2;

/** Units and failures of both versions in a slice; cells are in the order of the plan: by metric, then by slice. */
const errorsOf = ({ plan, state }: Evidence, slice: string) => {
  const metric = plan.metrics.findIndex(({ name }) => name === 'errors');
  const place = metric * plan.slices.length + plan.slices.findIndex(({ name }) => name === slice);
  const { canary, champion } = state.cells[place] ?? { canary: [0, 0, 0], champion: [0, 0, 0] };
  return { canaryUnits: canary[0], failures: canary[1], championUnits: champion[0], championFailures: champion[1] };
};

const round = (value: number): number => Number(value.toFixed(1));

/** A verdict with the counts that people ask for first, and with what was declared and is not judged. */
const told = (evidence: Evidence, verdict: JudgeVerdict): string => {
  const { failures, canaryUnits, championFailures, championUnits } = errorsOf(evidence, WHOLE_TRAFFIC);
  const byErrors = verdict.decision === 'abort' && evidence.state.aborted?.metric === 'errors';
  const counts = `${round(failures)} of ${canaryUnits} canary requests failed, ${round(championFailures)} of ${championUnits} of the champion's`;
  return [...(byErrors ? [counts] : []), verdict.reason, ...evidence.rules.notes].join('; ');
};

/**
 * What the evidence of a rollout says now. A canary is aborted by errors once two of its requests failed: a single one is
 * no evidence, however unlikely it was.
 */
export const judgeEvidence = (evidence: Evidence, nowMs: number): EvidenceVerdict => {
  const { plan, rules, state, taken } = evidence;
  if (taken.alone !== undefined) {
    const verdict = judgeAlone(taken.alone, rules.errorBudget, plan.alphaAbort);
    return { ...verdict, rows: [], canaryUnitCount: taken.alone.requestCount };
  }
  const verdict = judge(plan, state, nowMs);
  const canaryUnitCount = Math.max(...state.cells.map(({ canary }) => canary[0]));
  const { aborted } = state;
  if (aborted?.metric === 'errors' && errorsOf(evidence, aborted.slice).failures < FEWEST_FAILURES) {
    const reason = 'one failed request alone is no evidence';
    return { decision: 'undecided', reason, rows: verdict.rows, canaryUnitCount };
  }
  return { decision: verdict.decision, reason: told(evidence, verdict), rows: verdict.rows, canaryUnitCount };
};
