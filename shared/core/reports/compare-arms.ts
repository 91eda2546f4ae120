import { MINUTE_MS } from '../../kernel/time.ts';
import type { RolloutLook } from '../deployment/index.ts';
import {
  foldUnits,
  type JudgePlan,
  type JudgeState,
  judge,
  NO_SEEN_UNITS,
  openJudge,
  type SeenUnits,
  type UnitLine,
  updateJudge,
} from '../judging/index.ts';
import type { EndedExperiment } from '../routing/index.ts';
import { type EvidenceSeries, evidenceSeries } from './evidence-series.ts';

/** A captured line that counts for an experiment. */
export interface ArmLine {
  readonly kind: 'prediction' | 'failure';
  readonly predictionId: string;
  readonly atMs: number;
  readonly version: number;
  readonly request?: { readonly id: string } | undefined;
  readonly output?: number;
  readonly assignment?: { readonly unit?: string | undefined } | undefined;
}

/** One version against the control. */
export interface ArmComparison {
  readonly version: number;
  readonly control: number;
  /** Chance that any of its rows ever shows a difference where there is none. */
  readonly alpha: number;
  /** Differences in either direction, of the version less the control. */
  readonly evidence: readonly EvidenceSeries[];
}

export interface ArmLines {
  add(line: ArmLine): void;
  /** By what is closed: lines of a block that ended after `closedMs` may still be on their way. */
  compare(closedMs: number): readonly ArmComparison[];
}

/** Over all versions that are compared with the control. */
const ALPHA = 0.05;
const SHORTEST_BLOCK_MS = 5 * MINUTE_MS;
const MOST_BLOCKS = 96;
/** Nothing is promoted by it: the size around which differences are first looked for. */
const USUAL_DIFFERENCE = 0.02;

/** A unit's lines within one block, or those of a request without one. */
interface BlockUnit {
  readonly unit?: string;
  readonly version: number;
  lineCount: number;
  failureCount: number;
  outputSum: number;
}

type Blocks = ReadonlyMap<number, ReadonlyMap<string, BlockUnit>>;

const planOf = (alpha: number, endedAtMs: number, withOutputs: boolean): JudgePlan => {
  const weight = withOutputs ? 0.5 : 1;
  const shared = { harm: 'either', margin: USUAL_DIFFERENCE, weight } as const;
  return {
    alphaAbort: alpha,
    alphaPromote: alpha,
    metrics: [
      { name: 'errors', kind: 'share', ...shared },
      ...(withOutputs ? [{ name: 'prediction', kind: 'mean', allocation: 'observed', ...shared } as const] : []),
    ],
    slices: [{ name: 'all', weight: 1 }],
    deadlineMs: endedAtMs,
    atDeadline: 'hold',
    fewestUnits: 0,
  };
};

const unitLineOf = (
  { unit, version, lineCount, failureCount, outputSum }: BlockUnit,
  {
    arm,
    canaryShare,
    withOutputs,
  }: { readonly arm: number; readonly canaryShare: number; readonly withOutputs: boolean },
): UnitLine => {
  const answered = lineCount - failureCount;
  return {
    ...(unit === undefined ? {} : { unit }),
    isCanary: version === arm,
    canaryShare,
    slices: ['all'],
    outcomes: {
      errors: failureCount / lineCount,
      ...(withOutputs && answered > 0 ? { prediction: Math.min(1, Math.max(0, outputSum / answered)) } : {}),
    },
  };
};

interface Pair {
  readonly arm: number;
  readonly control: number;
  /** Of the arm among the units of both: each was drawn with it, whatever the other versions got. */
  readonly canaryShare: number;
}

const compareOne = (
  blocks: Blocks,
  pair: Pair,
  { plan, startedAtMs, blockMs }: { readonly plan: JudgePlan; readonly startedAtMs: number; readonly blockMs: number },
): readonly EvidenceSeries[] => {
  const withOutputs = plan.metrics.length > 1;
  let state: JudgeState = openJudge(plan);
  let seen: SeenUnits = NO_SEEN_UNITS;
  const looks: RolloutLook[] = [];
  for (const [index, units] of [...blocks].toSorted(([a], [b]) => a - b)) {
    const lines = [...units.values()]
      .filter(({ version }) => version === pair.arm || version === pair.control)
      .map((unit) => unitLineOf(unit, { ...pair, withOutputs }));
    const [startMs, endMs] = [startedAtMs + index * blockMs, startedAtMs + (index + 1) * blockMs];
    const { canaryShare } = pair;
    const folded = foldUnits(lines, { index, startMs, endMs, canaryShare, seen });
    seen = folded.seen;
    state = updateJudge(plan, state, folded.block);
    const { rows } = judge(plan, state, endMs);
    const look = { index: looks.length, atMs: endMs, throughMs: endMs, weight: canaryShare, rows } as const;
    looks.push({ ...look, action: 'wait', decidedBy: 'judge', reason: '' });
  }
  // What is no rollout has no margin that it could be cleared by.
  return evidenceSeries(looks, plan).map(({ margin: _, shown, ...series }) =>
    shown?.what === 'worse' ? { ...series, shown } : series,
  );
};

/**
 * Compares each version of an A/B experiment with the control, by the judge's confidence sequences: whatever was drawn
 * within the same block of time is held against each other, and a unit counts once, by its first block.
 * @param outputs Whether predictions are in [0, 1] and so can be compared.
 */
export const armLines = (
  { startedAtMs, endedAtMs, arms, control: stated }: EndedExperiment,
  { outputs }: { readonly outputs: boolean },
): ArmLines => {
  const blockMs = Math.max(SHORTEST_BLOCK_MS, (endedAtMs - startedAtMs) / MOST_BLOCKS);
  const blocks = new Map<number, Map<string, BlockUnit>>();
  const shares = new Map(arms.map(({ version, share }) => [version, share]));
  const control = stated !== undefined && shares.has(stated) ? stated : arms[0]?.version;
  return {
    add: ({ kind, predictionId, atMs, version, request, output = 0, assignment }) => {
      const index = Math.max(0, Math.floor((atMs - startedAtMs) / blockMs));
      const units = blocks.get(index) ?? new Map<string, BlockUnit>();
      blocks.set(index, units);
      const unit = assignment?.unit;
      const key = `${version} ${unit ?? `request ${request?.id ?? predictionId}`}`;
      const standing = units.get(key) ?? {
        ...(unit === undefined ? {} : { unit }),
        version,
        lineCount: 0,
        failureCount: 0,
        outputSum: 0,
      };
      standing.lineCount += 1;
      if (kind === 'failure') standing.failureCount += 1;
      else standing.outputSum += output;
      units.set(key, standing);
    },
    compare: (closedMs) => {
      const others = arms.filter(({ version, share }) => version !== control && share > 0);
      const controlShare = shares.get(control ?? 0) ?? 0;
      if (control === undefined || controlShare === 0) return [];
      const alpha = ALPHA / others.length;
      const plan = planOf(alpha, endedAtMs, outputs);
      const closed = new Map([...blocks].filter(([index]) => startedAtMs + (index + 1) * blockMs <= closedMs));
      return others.map(({ version, share }) => {
        const pair = { arm: version, control, canaryShare: share / (share + controlShare) };
        return { version, control, alpha, evidence: compareOne(closed, pair, { plan, startedAtMs, blockMs }) };
      });
    },
  };
};
