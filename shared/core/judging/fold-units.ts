import type { ArmOutcomes, EvidenceBlock } from './evidence-block.ts';
import { fingerprintOf, mayEnter, remember, type SeenUnits } from './seen-units.ts';

/** One answered request, as the judge sees it. */
export interface UnitLine {
  /** The unit that it belongs to; without one the request is a unit of its own. */
  readonly unit?: string;
  /** Of a line without a unit: lines of the same request are one unit, which no later request is. */
  readonly request?: string;
  readonly isCanary: boolean;
  /** Probability with which its unit was given to the canary, where that is drawn by us. */
  readonly canaryShare?: number;
  /** Slices that the request is in, by what was known before it was answered. */
  readonly slices: readonly string[];
  /** Metric → outcome in [0, 1]; absent where the request has none. */
  readonly outcomes: Readonly<Record<string, number>>;
}

export interface FoldedBlock {
  readonly block: EvidenceBlock;
  readonly seen: SeenUnits;
  /** Requests that gave no evidence: of units that had entered before, or that were not given out at the block's share. */
  readonly leftOut: { readonly seenBefore: number; readonly otherShare: number };
}

interface Mean {
  sum: number;
  count: number;
}

/** A unit's means: cell → outcomes so far. */
interface OpenUnit {
  readonly isCanary: boolean;
  readonly means: Map<string, Mean>;
}

interface OpenArm {
  unitCount: number;
  sum: number;
  sumOfSquares: number;
}

const SHARE_TOLERANCE = 1e-9;

const cellKey = (metric: string, slice: string): string => JSON.stringify([metric, slice]);

const addLine = ({ means }: OpenUnit, { slices, outcomes }: UnitLine): void => {
  for (const [metric, outcome] of Object.entries(outcomes)) {
    for (const slice of new Set(slices)) {
      const key = cellKey(metric, slice);
      const mean = means.get(key) ?? { sum: 0, count: 0 };
      mean.sum += outcome;
      mean.count += 1;
      means.set(key, mean);
    }
  }
};

const isAtShare = (line: UnitLine, canaryShare: number | undefined): boolean =>
  canaryShare === undefined ||
  line.canaryShare === undefined ||
  Math.abs(line.canaryShare - canaryShare) <= SHARE_TOLERANCE;

/** The unit names of lines with one that were given out at another share, or met both versions. */
const mixedUnits = (lines: readonly UnitLine[], canaryShare: number | undefined): ReadonlySet<string> => {
  const mixed = new Set<string>();
  const met = new Map<string, boolean>();
  for (const line of lines) {
    if (line.unit === undefined) continue;
    const before = met.get(line.unit);
    if (!isAtShare(line, canaryShare) || (before !== undefined && before !== line.isCanary)) mixed.add(line.unit);
    met.set(line.unit, line.isCanary);
  }
  return mixed;
};

const gatherArms = (units: Iterable<OpenUnit>): ReadonlyMap<string, Record<'canary' | 'champion', OpenArm>> => {
  const cells = new Map<string, Record<'canary' | 'champion', OpenArm>>();
  const open = (): OpenArm => ({ unitCount: 0, sum: 0, sumOfSquares: 0 });
  for (const { isCanary, means } of units) {
    for (const [key, { sum, count }] of means) {
      const arms = cells.get(key) ?? { canary: open(), champion: open() };
      const arm = arms[isCanary ? 'canary' : 'champion'];
      const mean = sum / count;
      arm.unitCount += 1;
      arm.sum += mean;
      arm.sumOfSquares += mean * mean;
      cells.set(key, arms);
    }
  }
  return cells;
};

/**
 * A block's evidence from its answered requests, in any order. A unit enters once per rollout, with its means over the
 * block in which it is first seen whole; requests without a unit each enter. A unit whose share changed within the block
 * is left out and may enter in a later one (README, "Units").
 *
 * @param canaryShare Probability of the canary during the block; absent where it is not drawn by us.
 */
export const foldUnits = (
  lines: readonly UnitLine[],
  { seen, mostSeen, ...block }: Omit<EvidenceBlock, 'cells'> & { readonly seen: SeenUnits; readonly mostSeen?: number },
): FoldedBlock => {
  const mixed = mixedUnits(lines, block.canaryShare);
  const units = new Map<string | number, OpenUnit>();
  const entered = new Set<number>();
  const leftOut = { seenBefore: 0, otherShare: 0 };
  lines.forEach((line, position) => {
    const { unit, isCanary } = line;
    if (unit === undefined ? !isAtShare(line, block.canaryShare) : mixed.has(unit)) {
      leftOut.otherShare += 1;
      return;
    }
    if (unit !== undefined) {
      const fingerprint = fingerprintOf(unit);
      if (!mayEnter(seen, fingerprint)) {
        leftOut.seenBefore += 1;
        return;
      }
      entered.add(fingerprint);
    }
    const key = unit ?? (line.request === undefined ? position : `request ${line.request}`);
    const open = units.get(key) ?? { isCanary, means: new Map<string, Mean>() };
    units.set(key, open);
    addLine(open, line);
  });
  const cells = [...gatherArms(units.values())].map(([key, arms]) => {
    const [metric, slice] = JSON.parse(key) as [string, string];
    return { metric, slice, ...(arms satisfies Record<'canary' | 'champion', ArmOutcomes>) };
  });
  return { block: { ...block, cells }, seen: remember(seen, entered, mostSeen), leftOut };
};
