import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';

/** Outcomes in [0, 1] of the units that one version answered. */
export interface ArmOutcomes {
  readonly unitCount: number;
  readonly sum: number;
  /** Absent: every outcome is taken for 0 or 1, which never overstates the evidence. */
  readonly sumOfSquares?: number;
}

export interface CellEvidence {
  readonly metric: string;
  readonly slice: string;
  readonly canary: ArmOutcomes;
  readonly champion: ArmOutcomes;
}

/** What a stretch of time showed; units of both versions met the same time. */
export interface EvidenceBlock {
  /** Rising from block to block; one that is not above the last changes nothing. */
  readonly index: number;
  readonly startMs: number;
  readonly endMs: number;
  /**
   * Probability in (0, 1) with which each unit of the block was given to the canary, independently of all others. Absent
   * where the division is not drawn by us: then the shares that came about are used, cell by cell.
   */
  readonly canaryShare?: number;
  readonly cells: readonly CellEvidence[];
}

/** Room for the rounding of sums. */
const TOLERANCE = 1e-9;

const outcomesFault = ({ unitCount: n, sum, sumOfSquares: squares = sum }: ArmOutcomes): string | undefined => {
  if (!(Number.isSafeInteger(n) && n >= 0)) return `unitCount must be an integer from 0, got ${showValue(n)}`;
  const slack = TOLERANCE * (1 + n);
  if (!(sum >= 0 && sum <= n + slack)) return `sum must be in [0, unitCount ${n}], got ${showValue(sum)}`;
  if (!(squares <= sum + slack && squares * n >= sum * sum - slack * n)) {
    return `sumOfSquares must be in [sum² / unitCount, sum] for outcomes in [0, 1], got ${showValue(squares)} beside sum ${sum} of ${n}`;
  }
  return undefined;
};

/** @throws InvalidRequestError for what no units can have shown. */
export const checkBlock = ({ index, startMs, endMs, canaryShare, cells }: EvidenceBlock): void => {
  const where = `evidence block ${showValue(index)}`;
  if (!(Number.isSafeInteger(index) && index >= 0))
    throw new InvalidRequestError(`index of an evidence block must be an integer from 0, got ${showValue(index)}`);
  if (!(startMs <= endMs))
    throw new InvalidRequestError(`${where} must end at or after its start ${startMs}, got ${showValue(endMs)}`);
  if (canaryShare !== undefined && !(canaryShare > 0 && canaryShare < 1))
    throw new InvalidRequestError(`canaryShare of ${where} must be in (0, 1), got ${showValue(canaryShare)}`);
  for (const { metric, slice, canary, champion } of cells) {
    const fault = outcomesFault(canary) ?? outcomesFault(champion);
    if (fault !== undefined) throw new InvalidRequestError(`${where}, ${metric} of ${slice}: ${fault}`);
  }
};
