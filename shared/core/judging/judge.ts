import type { Betting } from './betting.ts';
import { boundOf, type Capital, logEvidence } from './capital.ts';
import type { CellState } from './cell.ts';
import { detectableHarm } from './foresee.ts';
import { type JudgePlan, WHOLE_TRAFFIC } from './judge-plan.ts';
import { type Abortion, type JudgedCell, type JudgeState, layoutOf, logAbortEvidence } from './judge-state.ts';

/** What is known of one metric in one slice. */
export interface JudgeRow {
  readonly metric: string;
  readonly slice: string;
  /** Mean of the canary less mean of the champion, over the whole time; undefined until both have units. */
  readonly estimate?: number;
  /**
   * The confidence sequence of the difference of means within blocks. Above what is tolerated the canary is worse, with the error rate
   * `alphaAbort` over all rows and looks together.
   */
  readonly lower: number;
  /**
   * Below the margin the canary is not worse by it, with the error rate `alphaPromote` for this row over all looks; of a
   * metric that may harm either way it is the other end of `lower`, at the same rate.
   */
  readonly upper: number;
  /** Evidence that the canary is worse; it aborts at 1 / its share of `alphaAbort`. */
  readonly eValueAbort: number;
  readonly abortAt: number;
  /** Evidence that the canary is not worse by the margin; the metric is cleared at 1 / `alphaPromote`. */
  readonly eValuePromote: number;
  readonly units: { readonly canary: number; readonly champion: number };
  /** The smallest worsening that this evidence would have found with 80 % probability; undefined if none below 1. */
  readonly detectableHarm?: number;
}

export interface JudgeVerdict {
  readonly decision: 'promote' | 'abort' | 'undecided';
  /** What follows: an undecided judge waits until the deadline, then does what the plan states. */
  readonly action: 'promote' | 'roll back' | 'wait' | 'hold';
  /** One line, for people. */
  readonly reason: string;
  /** By metric, then by slice, as the plan has them. */
  readonly rows: readonly JudgeRow[];
}

const eValueOf = (logEValue: number): number => Math.exp(Math.min(700, logEValue));

/** Both ways in which a canary may differ by the margin are to be rejected: the smaller e-value counts. */
const logPromoteEvidence = ({ betting: { metric, up, down } }: JudgedCell, cell: CellState): number => {
  const clear = (capital: Capital, { direction, towardPromote }: Betting): number =>
    logEvidence(capital, { direction, parts: towardPromote }, -direction * metric.margin);
  const notWorse = clear(cell.down, down);
  return metric.harm === 'increase' ? notWorse : Math.min(notWorse, clear(cell.up, up));
};

const boundsOf = ({ betting, logAbortLimit }: JudgedCell, cell: CellState, alphaPromote: number) => {
  const { metric, up, down } = betting;
  const either = metric.harm === 'either';
  const logLimit = logAbortLimit + (either ? Math.LN2 : 0);
  const toPromote = { direction: -1, parts: down.towardPromote } as const;
  return {
    lower: boundOf(cell.up, { direction: 1, parts: up.towardAbort }, logLimit),
    upper: either
      ? boundOf(cell.down, { direction: -1, parts: down.towardAbort }, logLimit)
      : boundOf(cell.down, toPromote, -Math.log(alphaPromote)),
  };
};

const rowOf = (plan: JudgePlan, judged: JudgedCell, cell: CellState): JudgeRow => {
  const { betting, slice, logAbortLimit } = judged;
  const [canaryCount, canarySum] = cell.canary;
  const [championCount, championSum] = cell.champion;
  const both = canaryCount > 0 && championCount > 0;
  const harm = both ? detectableHarm(judged, cell) : undefined;
  return {
    metric: betting.metric.name,
    slice,
    ...(both ? { estimate: canarySum / canaryCount - championSum / championCount } : {}),
    ...boundsOf(judged, cell, plan.alphaPromote),
    eValueAbort: eValueOf(logAbortEvidence(betting, cell)),
    abortAt: Math.exp(logAbortLimit),
    eValuePromote: eValueOf(logPromoteEvidence(judged, cell)),
    units: { canary: canaryCount, champion: championCount },
    ...(harm === undefined ? {} : { detectableHarm: harm }),
  };
};

const digits = (value: number): string => String(Number(value.toPrecision(2)));

/** A difference with its sign; of shares in points, which are hundredths. */
const tell = (kind: 'share' | 'mean' | undefined, value: number): string =>
  `${value < 0 ? '−' : '+'}${kind === 'share' ? `${digits(100 * Math.abs(value))} points` : digits(Math.abs(value))}`;

const kindOf = (plan: JudgePlan, name: string) => plan.metrics.find((metric) => metric.name === name)?.kind;

const tellRow = (plan: JudgePlan, { metric, slice, estimate, lower, upper, units }: JudgeRow): string => {
  const kind = kindOf(plan, metric);
  const where = slice === WHOLE_TRAFFIC ? metric : `${metric} in ${slice}`;
  const seen = estimate === undefined ? 'nothing to compare' : tell(kind, estimate);
  return `${where}: ${seen} (${tell(kind, lower)} to ${tell(kind, upper)}) after ${units.canary} canary units`;
};

const tellAbortion = (
  plan: JudgePlan,
  rows: readonly JudgeRow[],
  { metric, slice, eValue, atMs }: Abortion,
): string => {
  const row = rows.find((one) => one.metric === metric && one.slice === slice);
  const at = new Date(atMs).toISOString();
  const now = row === undefined ? metric : tellRow(plan, row);
  return `the canary is worse, shown at ${at} by an e-value of ${Number(eValue.toPrecision(3))}; now ${now}`;
};

const tellUndecided = (plan: JudgePlan, rows: readonly JudgeRow[], late: boolean): string => {
  const open = rows.filter(({ eValuePromote }) => eValuePromote < 1 / plan.alphaPromote);
  const row = open[0] ?? rows[0];
  if (row === undefined) return 'not enough evidence yet';
  const harm = row.detectableHarm;
  const found =
    harm === undefined
      ? 'no harm would have been found yet'
      : `a harm of ${tell(kindOf(plan, row.metric), harm)} would have been found with 80 % probability`;
  const when = late ? `not enough evidence by the deadline: ${plan.atDeadline}` : 'not enough evidence yet';
  return `${when}; ${tellRow(plan, row)}; ${found}`;
};

const undecided = (plan: JudgePlan, rows: readonly JudgeRow[], late: boolean) =>
  ({
    decision: 'undecided',
    action: late ? plan.atDeadline : 'wait',
    reason: tellUndecided(plan, rows, late),
  }) as const;

/**
 * What the evidence says. A canary that was ever shown to be worse is aborted; it is promoted when every metric shows, at
 * this look, over the whole traffic, that it is not worse by the margin.
 */
export const judge = (plan: JudgePlan, state: JudgeState, nowMs: number): JudgeVerdict => {
  const layout = layoutOf(plan).cells;
  const rows = state.cells.flatMap((cell, i) => {
    const judged = layout[i];
    return judged === undefined ? [] : [rowOf(plan, judged, cell)];
  });
  if (state.aborted !== undefined) {
    return { decision: 'abort', action: 'roll back', reason: tellAbortion(plan, rows, state.aborted), rows };
  }
  const whole = rows.filter(({ slice }) => slice === WHOLE_TRAFFIC);
  const cleared = whole.every(
    ({ eValuePromote, units }) => eValuePromote >= 1 / plan.alphaPromote && units.canary >= plan.fewestUnits,
  );
  if (!cleared) return { ...undecided(plan, whole, nowMs >= plan.deadlineMs), rows };
  const reason = `not worse by the margin in ${whole.length === 1 ? 'the metric' : `all ${whole.length} metrics`}; ${whole.map((row) => tellRow(plan, row)).join('; ')}`;
  return { decision: 'promote', action: 'promote', reason, rows };
};
