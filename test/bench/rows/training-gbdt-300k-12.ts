import { type TrainingSettings, trainGradientBoostedTrees } from '../../../shared/core/training/index.ts';
import { type BenchRow, secondsOf } from '../bench-row.ts';

const ROW_COUNT = 300_000;
const FEATURE_COUNT = 12;
const BIN_COUNT = 255;
const SETTINGS: TrainingSettings = {
  rounds: 200,
  maxLeaves: 31,
  learningRate: 0.1,
  minRowsPerLeaf: 20,
  l2: 1,
  earlyStoppingRounds: 0,
  seed: 1,
};

interface Problem {
  readonly columns: ReadonlyMap<string, Float64Array>;
  readonly label: Float64Array;
}

/** A fixed sequence of numbers in [0, 1): Numerical Recipes' linear congruential generator. */
const createUniform = (): (() => number) => {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** As the flights' features are: an hour, a weekday, ten continuous ones of which a fiftieth is missing. */
const makeProblem = (): Problem => {
  const uniform = createUniform();
  const drawFeature = (feature: number): number => {
    if (feature === 0) return Math.floor(uniform() * 24);
    if (feature === 1) return Math.floor(uniform() * 7);
    return uniform() < 0.02 ? Number.NaN : uniform();
  };
  const features = Array.from({ length: FEATURE_COUNT }, (_, feature) =>
    Float64Array.from({ length: ROW_COUNT }, () => drawFeature(feature)),
  );
  const label = Float64Array.from({ length: ROW_COUNT }, (_, row) => {
    const x = (feature: number): number => features[feature]![row]! || 0;
    const score = 2 * x(2) - 1.5 * x(3) + 3 * x(4) * x(5) + Math.sin(6 * x(6)) + 0.05 * x(0) - 1.8;
    return uniform() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
  });
  return { columns: new Map(features.map((column, feature) => [`x${feature}`, column])), label };
};

/** What no histogram trainer can leave out: each round's gradients, and each row's bins summed once, at the root. */
const lowerBound = (label: Float64Array, bins: readonly Uint8Array[]): void => {
  const scores = new Float64Array(ROW_COUNT);
  const gradients = new Float64Array(2 * ROW_COUNT);
  const sums = new Float64Array(2 * BIN_COUNT);
  for (let round = 0; round < SETTINGS.rounds; round++) {
    for (let row = 0; row < ROW_COUNT; row++) {
      const p = 1 / (1 + Math.exp(-scores[row]!));
      gradients[2 * row] = p - label[row]!;
      gradients[2 * row + 1] = p * (1 - p);
    }
    for (const column of bins) {
      sums.fill(0);
      for (let row = 0; row < ROW_COUNT; row++) {
        const cell = 2 * column[row]!;
        sums[cell]! += gradients[2 * row]!;
        sums[cell + 1]! += gradients[2 * row + 1]!;
      }
    }
    // Each round must depend on the one before, or the compiler may skip work.
    for (let row = 0; row < ROW_COUNT; row++) scores[row]! += sums[row % sums.length]! * 1e-9;
  }
};

export const row: BenchRow = {
  name: 'training/gbdt-300k-12',
  unit: 's',
  betterIs: 'lower',
  baselineName:
    'a lower bound that trains nothing: 200 × (gradients + one histogram pass over all rows and features) in plain loops',
  async prepare() {
    const { columns, label } = makeProblem();
    const features = [...columns.keys()].map((name) => ({ name, type: 'number' as const }));
    const bins = [...columns.values()].map((column) =>
      Uint8Array.from(column, (value) => (Number.isInteger(value) ? value : Math.floor((value || 0) * BIN_COUNT))),
    );
    const train = (rounds: number): void => {
      trainGradientBoostedTrees({
        task: 'binary-classification',
        features,
        columns,
        label,
        settings: { ...SETTINGS, rounds },
      });
    };
    train(5);
    return {
      value: async () => secondsOf(() => train(SETTINGS.rounds)),
      baseline: async () => secondsOf(() => lowerBound(label, bins)),
    };
  },
};
