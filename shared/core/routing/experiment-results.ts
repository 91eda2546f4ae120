import { type EndedExperiment, SLOT_COUNT } from './routing-plan.ts';
import { type SampleRatio, sampleRatio } from './sample-ratio.ts';

/** A captured line of a prediction or of a failure, as far as an experiment counts it. */
export interface ExperimentLine {
  readonly kind: 'prediction' | 'failure';
  readonly predictionId: string;
  readonly version: number;
  readonly request?: { readonly id: string } | undefined;
  readonly output?: number;
  readonly assignment?:
    | {
        readonly unit?: string | undefined;
        readonly arm?: string | undefined;
        readonly cohort?: string | undefined;
      }
    | undefined;
}

interface ArmCounts {
  readonly version: number;
  /** Expected of units, in [0, 1]. */
  readonly share: number;
  /** Distinct units, and requests without one. */
  readonly unitCount: number;
  readonly predictionCount: number;
  readonly failureCount: number;
  /** Of the predictions' outputs; absent before the first. */
  readonly meanOutput?: number;
}

export interface ExperimentResults extends EndedExperiment {
  readonly results: readonly ArmCounts[];
  readonly sampleRatio: SampleRatio;
}

interface Tally {
  readonly units: Set<string>;
  predictionCount: number;
  failureCount: number;
  outputSum: number;
}

export interface UnitCounts {
  readonly experiment: EndedExperiment;
  readonly tallies: ReadonlyMap<number, Tally>;
  /** @returns whether the line counts: it is the experiment's, was drawn, and came for the first time. */
  add(line: ExperimentLine): boolean;
}

/**
 * Counts an experiment's lines by version: each line once however often it was delivered, each unit once however often it
 * came. A unit counts where it was seen first: it cannot be elsewhere but by a fault, and the other side lacks it then.
 */
export const countUnits = (experiment: EndedExperiment): UnitCounts => {
  const tallies = new Map<number, Tally>(
    experiment.arms.map(({ version }) => [
      version,
      { units: new Set(), predictionCount: 0, failureCount: 0, outputSum: 0 },
    ]),
  );
  const lines = new Set<string>();
  const units = new Set<string>();
  return {
    experiment,
    tallies,
    add: ({ kind, predictionId, version, request, output = 0, assignment }) => {
      const tally = tallies.get(version);
      if (tally === undefined || assignment?.arm !== experiment.experimentId) return false;
      // Its cohort chose for it: no chance had a part.
      if (assignment.cohort !== undefined || lines.has(predictionId)) return false;
      lines.add(predictionId);
      if (kind === 'failure') tally.failureCount += 1;
      else {
        tally.predictionCount += 1;
        tally.outputSum += output;
      }
      // The rows of one request are drawn together.
      const unit = assignment.unit ?? `request ${request?.id ?? predictionId}`;
      if (!units.has(unit)) tally.units.add(unit);
      units.add(unit);
      return true;
    },
  };
};

export const experimentResults = ({ experiment, tallies }: UnitCounts): ExperimentResults => {
  const results = experiment.arms.map(({ version, share }): ArmCounts => {
    const { units, predictionCount, failureCount, outputSum } = tallies.get(version) ?? {
      units: new Set(),
      predictionCount: 0,
      failureCount: 0,
      outputSum: 0,
    };
    return {
      version,
      share: share / SLOT_COUNT,
      unitCount: units.size,
      predictionCount,
      failureCount,
      ...(predictionCount === 0 ? {} : { meanOutput: outputSum / predictionCount }),
    };
  });
  const expected = results.filter(({ share }) => share > 0);
  const { greatestLog: _, ...ratio } = sampleRatio([
    { counts: expected.map(({ unitCount }) => unitCount), shares: expected.map(({ share }) => share) },
  ]);
  return { ...experiment, results, sampleRatio: ratio };
};
