import { logEvidence } from '../../shared/core/judging/capital.ts';
import type { EvidenceBlock, JudgeMetric, JudgePlan, JudgeState } from '../../shared/core/judging/index.ts';
import { layoutOf, logAbortEvidence } from '../../shared/core/judging/judge-state.ts';

export const errorShare: JudgeMetric = {
  name: 'errors',
  kind: 'share',
  harm: 'increase',
  margin: 0.01,
  smallestHarm: 0.01,
  weight: 1,
};

export const judgePlan = (over: Partial<JudgePlan> = {}): JudgePlan => ({
  alphaAbort: 0.05,
  alphaPromote: 0.05,
  metrics: [errorShare],
  slices: [{ name: 'all', weight: 1 }],
  deadlineMs: 1_000_000,
  atDeadline: 'roll back',
  fewestUnits: 100,
  ...over,
});

/** Units and failures of canary and champion, as a block of one cell. */
export const countedBlock = (
  index: number,
  canary: readonly [units: number, failures: number],
  champion: readonly [units: number, failures: number],
  { canaryShare = 0.5, metric = 'errors', slice = 'all' } = {},
): EvidenceBlock => ({
  index,
  startMs: index * 1_000,
  endMs: (index + 1) * 1_000,
  canaryShare,
  cells: [
    {
      metric,
      slice,
      canary: { unitCount: canary[0], sum: canary[1] },
      champion: { unitCount: champion[0], sum: champion[1] },
    },
  ],
});

/** The first cell's evidence that the canary is worse, and that it is not worse by the margin. */
export const eValuesOf = (plan: JudgePlan, { cells: [cell] }: JudgeState) => {
  const { betting } = layoutOf(plan).cells[0]!;
  const { down, metric } = betting;
  const promote = logEvidence(cell!.down, { direction: -1, parts: down.towardPromote }, metric.margin);
  return { abort: Math.exp(logAbortEvidence(betting, cell!)), promote: Math.exp(promote) };
};
