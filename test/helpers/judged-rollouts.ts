import { type RolloutLook, shadowVerdict } from '../../shared/core/deployment/index.ts';
import {
  type CellEvidence,
  foretell,
  type JudgePlan,
  type JudgeState,
  type JudgeVerdict,
  judge,
  openJudge,
  updateJudge,
} from '../../shared/core/judging/index.ts';
import type { RolloutFacts } from '../../shared/core/reports/index.ts';
import { HOUR_MS, MINUTE_MS } from '../../shared/kernel/time.ts';
import { CARD_VERSION } from './card-evidence.ts';

/** Rollouts as they are on record once the real judge has looked at drawn traffic. */

export const STARTED_MS = Date.UTC(2026, 10, 20, 9, 30);
const LOOK_MS = 10 * MINUTE_MS;
const UNITS_A_LOOK = 250;

/** Uniform in [0, 1), the same for a seed. */
export const drawsOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const PLAN: JudgePlan = {
  alphaAbort: 0.05,
  alphaPromote: 0.05,
  metrics: [
    { name: 'errors', kind: 'share', harm: 'increase', margin: 0.02, smallestHarm: 0.02, weight: 0.5 },
    { name: 'slow', kind: 'share', harm: 'increase', margin: 0.04, weight: 0.25, allocation: 'observed' },
    { name: 'prediction', kind: 'mean', harm: 'either', margin: 0.1, weight: 0.25, allocation: 'observed' },
  ],
  slices: [
    { name: 'all', weight: 0.6 },
    { name: 'origin <ORD>', weight: 0.2 },
    { name: 'long-haul', weight: 0.2 },
  ],
  deadlineMs: STARTED_MS + 12 * HOUR_MS,
  atDeadline: 'hold',
  fewestUnits: 300,
};

interface DrawnArms {
  readonly share: number;
  readonly champion: number;
  readonly canary: number;
}

const drawArms = (
  draw: () => number,
  unitCount: number,
  rates: DrawnArms,
): Pick<CellEvidence, 'canary' | 'champion'> => {
  const [champion, canary] = [
    { unitCount: 0, sum: 0 },
    { unitCount: 0, sum: 0 },
  ];
  for (let unit = 0; unit < unitCount; unit += 1) {
    const [arm, rate] = draw() < rates.share ? [canary, rates.canary] : [champion, rates.champion];
    arm.unitCount += 1;
    if (draw() < rate) arm.sum += 1;
  }
  return { canary, champion };
};

/** Of units given out at `share`: a mean by metric of champion and canary. */
const blockCells = (
  draw: () => number,
  share: number,
  rates: Readonly<Record<string, readonly [number, number]>>,
): readonly CellEvidence[] =>
  PLAN.metrics.flatMap(({ name: metric }) =>
    PLAN.slices.map(({ name: slice }) => {
      const [champion = 0, canary = 0] = rates[metric] ?? [];
      const units = slice === 'all' ? UNITS_A_LOOK : UNITS_A_LOOK / 5;
      return { metric, slice, ...drawArms(draw, units, { share, champion, canary }) };
    }),
  );

export interface DrawnRollout {
  readonly version: number;
  /** The canary's error share; the champion's is 0.02. */
  readonly errorShare: number;
  readonly seed?: number;
  readonly lookCount?: number;
  /** After the last look nobody has decided: it runs on. */
  readonly running?: boolean;
}

const weightAt = (index: number): number => (index < 6 ? 0.1 : 0.5);

/** Six looks at the first step, at which nothing is promoted yet. */
const actionAt = (index: number, { action }: Pick<JudgeVerdict, 'action'>, running: boolean): RolloutLook['action'] => {
  const taken = running || (action === 'promote' && index < 12) ? 'wait' : action;
  return index === 5 && taken === 'wait' ? 'next step' : taken;
};

const drawLooks = ({ errorShare, seed = 7, lookCount = 70, running = false }: DrawnRollout): readonly RolloutLook[] => {
  const draw = drawsOf(seed);
  const rates = { errors: [0.02, errorShare], slow: [0.01, 0.011], prediction: [0.22, 0.23] } as const;
  const looks: RolloutLook[] = [];
  let state: JudgeState = openJudge(PLAN);
  for (let index = 0; index < lookCount; index += 1) {
    const [startMs, endMs] = [STARTED_MS + index * LOOK_MS, STARTED_MS + (index + 1) * LOOK_MS];
    const weight = weightAt(index);
    const cells = blockCells(draw, weight, rates);
    state = updateJudge(PLAN, state, { index, startMs, endMs, canaryShare: weight, cells });
    const verdict = judge(PLAN, state, endMs);
    const { reason, rows } = verdict;
    const action = actionAt(index, verdict, running);
    const decidedBy = action === 'next step' ? 'schedule' : 'judge';
    looks.push({ index, atMs: endMs + MINUTE_MS, throughMs: endMs, weight, action, decidedBy, reason, rows });
    if (action === 'promote' || action === 'roll back') break;
  }
  return looks;
};

/** A canary of two steps that the judge ends, or that goes on. */
export const drawnRollout = (drawn: DrawnRollout): RolloutFacts => {
  const { version, running = false, seed = 7 } = drawn;
  const draw = drawsOf(seed);
  const looks = drawLooks(drawn);
  const days = Array.from({ length: 9 }, (_, day) => ({
    model: 'toy',
    champion: version - 1,
    challenger: version,
    day: `2026-11-${String(day + 10)}`,
    rowCount: 14_000 + 100 * day,
    meanDifference: (draw() - 0.9) / 100,
    sumOfSquares: 12,
    championLoss: 0.507,
    challengerLoss: 0.502,
    computedAtMs: STARTED_MS - HOUR_MS,
  }));
  const last = looks.at(-1) as RolloutLook;
  const status = running ? 'RUNNING' : last.action === 'promote' ? 'PROMOTED' : 'ROLLED_BACK';
  const endedAtMs = last.atMs + MINUTE_MS;
  const second = looks[6];
  const shifts = [
    { weight: 0.1, atMs: STARTED_MS },
    ...(second === undefined ? [] : [{ weight: 0.5, atMs: second.atMs - LOOK_MS }]),
    ...(status === 'PROMOTED' ? [{ weight: 1, atMs: endedAtMs }] : []),
  ];
  return {
    rollout: {
      model: 'toy',
      rolloutId: `rollout-${version}`,
      kind: 'model',
      version,
      status,
      startedAtMs: STARTED_MS,
      ...(running ? {} : { endedAtMs, reason: last.reason }),
      previousLambdaVersion: '1',
      previousVersion: version - 1,
      lambdaVersion: '2',
      weights: shifts.map(({ weight }) => weight),
      shifts,
    },
    version: {
      ...CARD_VERSION,
      version,
      decidedBy: 'arn:aws:iam::000000000000:user/ann',
      decidedAtMs: STARTED_MS - HOUR_MS,
      decisionReason: 'better on every day <but one>',
      decisionEvidence: [{ rule: 'gate', passed: true, detail: 'log loss 0.502 against 0.507' }],
      approvals: [{ principal: 'arn:aws:iam::000000000000:user/ann', atMs: STARTED_MS - HOUR_MS, reason: 'better' }],
    },
    judged: {
      plan: PLAN,
      forecast: foretell(PLAN, {
        unitsPerHour: (UNITS_A_LOOK * HOUR_MS) / LOOK_MS,
        canaryShare: 0.1,
        baseRates: { errors: 0.02, slow: 0.01, prediction: 0.22 },
        nowMs: STARTED_MS,
      }),
      slowAboveMs: 41.7,
    },
    looks,
    looksComplete: true,
    replay: {
      outcome: 'passed',
      reasons: [],
      notes: ['2 rows lack the feature <wind>'],
      rowCount: 1_002,
      notComparableCount: 2,
      fromMs: STARTED_MS - 30 * HOUR_MS,
      toMs: STARTED_MS - HOUR_MS,
      challengerFailures: 0,
      championFailures: 0,
      changedAbove: 0.1,
      parts: [
        { slice: 'all', rowCount: 1_000, meanDifference: 0.0031, largestDifference: 0.214, changedShare: 0.012 },
        { slice: 'origin <ORD>', rowCount: 61, meanDifference: -0.0012, largestDifference: 0.1, changedShare: 0 },
      ],
      latency: { challengerMs: 0.81, championMs: 0.79 },
    },
    shadow: { days, verdict: shadowVerdict(days, { minRows: 1_000, days: 60, labelDelayDays: 1 }) },
  };
};
