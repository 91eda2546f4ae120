import { InvalidRequestError } from '../../kernel/errors.ts';
import { logEvidence } from './capital.ts';
import { type CellBetting, type CellState, cellBettingOn, openCell, updateCell } from './cell.ts';
import { type ArmOutcomes, type CellEvidence, checkBlock, type EvidenceBlock } from './evidence-block.ts';
import { checkPlan, type JudgePlan, WHOLE_TRAFFIC } from './judge-plan.ts';

/** Where a canary was first shown to be worse. */
export interface Abortion {
  readonly metric: string;
  readonly slice: string;
  readonly blockIndex: number;
  readonly atMs: number;
  readonly eValue: number;
}

/** All that the judge remembers: plain JSON, at most 32 KB. */
export interface JudgeState {
  /** Of the newest block; −1 before the first. */
  readonly lastIndex: number;
  readonly blockCount: number;
  readonly firstStartMs?: number;
  readonly lastEndMs?: number;
  /** Stays, whatever comes later: the error rate is stated for the first crossing. */
  readonly aborted?: Abortion;
  /** In the order of the plan: by metric, then by slice. */
  readonly cells: readonly CellState[];
}

/** A cell's place and how it is judged. */
export interface JudgedCell {
  readonly betting: CellBetting;
  readonly slice: string;
  /** ln of 1 / its share of `alphaAbort`. */
  readonly logAbortLimit: number;
}

const layouts = new WeakMap<
  JudgePlan,
  { readonly cells: readonly JudgedCell[]; readonly places: Map<string, number> }
>();

const keyOf = (metric: string, slice: string): string => JSON.stringify([metric, slice]);

/** Checks a plan and lays its cells out, once. @throws InvalidRequestError for a plan that cannot be judged by. */
export const layoutOf = (plan: JudgePlan) => {
  const known = layouts.get(plan);
  if (known !== undefined) return known;
  checkPlan(plan);
  const cells = plan.metrics.flatMap((metric) => {
    return plan.slices.map(
      ({ name, weight }): JudgedCell => ({
        betting: cellBettingOn(metric, name === WHOLE_TRAFFIC),
        slice: name,
        logAbortLimit: -Math.log(plan.alphaAbort * metric.weight * weight),
      }),
    );
  });
  const places = new Map(cells.map(({ betting, slice }, i) => [keyOf(betting.metric.name, slice), i]));
  const layout = { cells, places };
  layouts.set(plan, layout);
  return layout;
};

/**
 * ln of the e-value against "the canary is not worse than what is tolerated": for a metric that may harm either way the mean of the two, which
 * is an e-value too.
 */
export const logAbortEvidence = ({ metric, up, down }: CellBetting, state: CellState): number => {
  const { tolerated = 0 } = metric;
  const higher = logEvidence(state.up, { direction: 1, parts: up.towardAbort }, tolerated);
  if (metric.harm === 'increase') return higher;
  const lower = logEvidence(state.down, { direction: -1, parts: down.towardAbort }, -tolerated);
  const most = Math.max(higher, lower);
  return most + Math.log((Math.exp(higher - most) + Math.exp(lower - most)) / 2);
};

/**
 * The state before any evidence.
 * @param before metric → the champion's outcomes from before the rollout. The first bets are placed by them, which costs
 * no error and saves what a large first block would lose by bets on a typical rate; they are no evidence.
 * @throws InvalidRequestError for a plan that cannot be judged by.
 */
export const openJudge = (plan: JudgePlan, before: Readonly<Record<string, ArmOutcomes>> = {}): JudgeState => ({
  lastIndex: -1,
  blockCount: 0,
  cells: layoutOf(plan).cells.map(({ betting }) => openCell(betting, before[betting.metric.name])),
});

const placeOf = (places: ReadonlyMap<string, number>, { metric, slice }: CellEvidence, index: number): number => {
  const place = places.get(keyOf(metric, slice));
  if (place !== undefined) return place;
  throw new InvalidRequestError(
    `evidence block ${index} has ${metric} of slice ${slice}, which the plan does not name`,
  );
};

const findAbortion = (
  layout: readonly JudgedCell[],
  cells: readonly CellState[],
  changed: readonly number[],
  block: EvidenceBlock,
): Abortion | undefined => {
  for (const place of changed) {
    const judged = layout[place];
    const cell = cells[place];
    if (judged === undefined || cell === undefined) continue;
    const logEValue = logAbortEvidence(judged.betting, cell);
    if (logEValue < judged.logAbortLimit) continue;
    const { betting, slice } = judged;
    const eValue = Math.exp(Math.min(700, logEValue));
    return { metric: betting.metric.name, slice, blockIndex: block.index, atMs: block.endMs, eValue };
  }
  return undefined;
};

/**
 * The state with a block's evidence. A block that is not above the last one changes nothing, so it may be delivered
 * twice. Every block is a look.
 * @throws InvalidRequestError for evidence that no units can have shown, of a cell that comes twice or is not planned.
 */
export const updateJudge = (plan: JudgePlan, state: JudgeState, block: EvidenceBlock): JudgeState => {
  const layout = layoutOf(plan);
  if (state.cells.length !== layout.cells.length)
    throw new InvalidRequestError(
      `the state has ${state.cells.length} cells, the plan ${layout.cells.length}: a plan may not change under a judge`,
    );
  checkBlock(block);
  if (block.index <= state.lastIndex) return state;
  const cells = [...state.cells];
  const changed: number[] = [];
  for (const evidence of block.cells) {
    const place = placeOf(layout.places, evidence, block.index);
    const judged = layout.cells[place];
    const cell = state.cells[place];
    if (judged === undefined || cell === undefined) continue;
    if (cells[place] !== cell)
      throw new InvalidRequestError(`evidence block ${block.index} has ${evidence.metric} of ${evidence.slice} twice`);
    const share = judged.betting.metric.allocation === 'observed' ? undefined : block.canaryShare;
    cells[place] = updateCell(cell, judged.betting, evidence, share);
    if (cells[place] !== cell) changed.push(place);
  }
  const aborted = state.aborted ?? findAbortion(layout.cells, cells, changed, block);
  return {
    lastIndex: block.index,
    blockCount: state.blockCount + 1,
    firstStartMs: state.firstStartMs ?? block.startMs,
    lastEndMs: block.endMs,
    ...(aborted === undefined ? {} : { aborted }),
    cells,
  };
};
