import { describe, expect, it } from 'vitest';
import { areaUnderRocCurve } from '../../../../../shared/core/statistics/area-under-roc-curve.ts';
import { logLoss } from '../../../../../shared/core/statistics/log-loss.ts';
import { rootMeanSquaredError } from '../../../../../shared/core/statistics/root-mean-squared-error.ts';
import {
  type FeatureColumns,
  predictGradientBoostedTrees,
  type TrainingInput,
  trainGradientBoostedTrees,
  writeOnnx,
} from '../../../../../shared/core/training/index.ts';
import lightgbm from '../../../../reference/gbdt/lightgbm.json' with { type: 'json' };
import { REFERENCE_FEATURE_NAMES, REFERENCE_ROW_COUNT, referenceProblem } from '../../../../reference/gbdt/problem.ts';

const SETTINGS = {
  rounds: 100,
  maxLeaves: 31,
  learningRate: 0.1,
  minRowsPerLeaf: 20,
  l2: 1,
  earlyStoppingRounds: 0,
  seed: 1,
} as const;

const features = REFERENCE_FEATURE_NAMES.map((name) => ({ name, type: 'number' as const }));
const small = referenceProblem(0, 3_000);
const smallInput = (over: Partial<TrainingInput['settings']> = {}): TrainingInput => ({
  task: 'binary-classification',
  features,
  columns: small.columns,
  label: small.binaryLabel,
  settings: { ...SETTINGS, rounds: 20, ...over },
});

describe('compared with LightGBM on the same rows and settings', () => {
  const train = referenceProblem(0);
  const test = referenceProblem(REFERENCE_ROW_COUNT);

  it('the rows are the ones LightGBM has seen', () => {
    const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

    expect(sum(train.binaryLabel)).toBe(lightgbm.checksums.positives);
    expect(sum(train.value)).toBeCloseTo(lightgbm.checksums.values, 6);
    expect(train.columns.get('e')?.filter(Number.isNaN)).toHaveLength(lightgbm.checksums.missing);
  });

  it('a classification reaches the same AUC within 0.002 and the same log loss within 0.002', () => {
    const { columns, binaryLabel: label } = train;
    const model = trainGradientBoostedTrees({
      task: 'binary-classification',
      features,
      columns,
      label,
      settings: SETTINGS,
    });

    const probabilities = predictGradientBoostedTrees(model, test.columns, REFERENCE_ROW_COUNT);

    const area = areaUnderRocCurve(test.binaryLabel, probabilities);
    expect(Math.abs(area - lightgbm.areaUnderRocCurve)).toBeLessThan(0.002);
    expect(Math.abs(logLoss(test.binaryLabel, probabilities) - lightgbm.logLoss)).toBeLessThan(0.002);
  });

  it('a regression reaches the same root mean squared error within 0.5 %', () => {
    const { columns, value: label } = train;
    const model = trainGradientBoostedTrees({ task: 'regression', features, columns, label, settings: SETTINGS });

    const values = predictGradientBoostedTrees(model, test.columns, REFERENCE_ROW_COUNT);

    const error = rootMeanSquaredError(test.value, values);
    expect(Math.abs(error / lightgbm.rootMeanSquaredError - 1)).toBeLessThan(0.005);
  });
});

describe('trainGradientBoostedTrees', () => {
  it('gives the same bytes for the same input', () => {
    const first = writeOnnx(trainGradientBoostedTrees(smallInput()));
    const second = writeOnnx(trainGradientBoostedTrees(smallInput()));

    expect(Buffer.compare(first, second)).toBe(0);
  });

  it('keeps its promises on leaves: their number, and the training rows in each', () => {
    const model = trainGradientBoostedTrees(smallInput({ minRowsPerLeaf: 40, maxLeaves: 12, rounds: 5 }));

    for (const [t, tree] of model.trees.entries()) {
      const only = { ...model, baseScore: 0, task: 'regression' as const, trees: [tree] };
      const rowsByValue = Map.groupBy(predictGradientBoostedTrees(only, small.columns, 3_000), (value) => value);
      const leafCount = tree.featureIndex.filter((feature) => feature < 0).length;

      expect(leafCount, `leaves of tree ${t}`).toBeLessThanOrEqual(12);
      expect(rowsByValue.size, `distinct leaf values of tree ${t}`).toBe(leafCount);
      for (const rows of rowsByValue.values()) expect(rows.length).toBeGreaterThanOrEqual(40);
    }
  });

  it('reports the losses that its predictions have', () => {
    const reported: number[] = [];
    const model = trainGradientBoostedTrees({ ...smallInput(), onProgress: (_, loss) => reported.push(loss) });

    const probabilities = predictGradientBoostedTrees(model, small.columns, 3_000);

    expect(model.bestRound).toBe(20);
    expect(reported).toEqual(model.trainingLosses);
    expect(reported.at(-1)).toBeCloseTo(logLoss(small.binaryLabel, probabilities), 6);
    expect(reported.every((loss, i) => i === 0 || loss < (reported[i - 1] as number))).toBe(true);
  });

  it('stops at the best round of the newest tenth, which it never learns from', () => {
    const settings = { rounds: 400, learningRate: 0.3, earlyStoppingRounds: 10 };
    const model = trainGradientBoostedTrees(smallInput(settings));
    const lied = small.binaryLabel.map((label, row) => (row < 2_700 ? label : 1 - label));
    const liedTo = trainGradientBoostedTrees({ ...smallInput(settings), label: lied });
    const first2700 = new Map([...small.columns].map(([name, column]) => [name, column.subarray(0, 2_700)]));
    const newest = new Map([...small.columns].map(([name, column]) => [name, column.subarray(2_700)]));
    const refit = trainGradientBoostedTrees({
      ...smallInput({ learningRate: 0.3, rounds: model.bestRound }),
      columns: first2700,
      label: small.binaryLabel.subarray(0, 2_700),
    });

    const best = Math.min(...model.validationLosses);
    const probabilities = predictGradientBoostedTrees(model, newest, 300);

    expect(model.validationLosses).toHaveLength(model.bestRound + 10);
    expect(model.validationLosses[model.bestRound - 1]).toBe(best);
    expect(logLoss(small.binaryLabel.subarray(2_700), probabilities)).toBeCloseTo(best, 6);
    expect(liedTo.bestRound).toBe(1);
    expect(liedTo.trees[0]).toEqual(model.trees[0]);
    expect(refit.trees).toEqual(model.trees);
  });

  it('sends missing values to the side that is right for them, also where no value differs', () => {
    const column = Float64Array.from({ length: 400 }, (_, row) => (row % 4 === 0 ? Number.NaN : 5));
    const label = Float64Array.from(column, (value) => (Number.isNaN(value) ? 1 : 0));
    const columns: FeatureColumns = new Map([['x', column]]);
    const input = { task: 'regression', features: [{ name: 'x', type: 'number' }], columns, label } as const;

    const model = trainGradientBoostedTrees({ ...input, settings: { ...SETTINGS, rounds: 200 } });

    const probe = new Map([['x', Float64Array.of(Number.NaN, 5, 1e38, -7)]]);
    const [missing, ...present] = predictGradientBoostedTrees(model, probe, 4);
    expect(missing).toBeCloseTo(1, 3);
    for (const value of present) expect(value).toBeCloseTo(0, 3);
    expect(model.features[0]?.nullable).toBe(true);
  });

  it('learns nothing from a category that is unique to each row, and the mean effect of a real one', () => {
    const label = small.binaryLabel;
    const unique = Array.from(label, (_, row) => `flight-${row}`);
    const real = Array.from(label, (value, row) => (row % 7 === 0 ? 'mixed' : value === 1 ? 'late' : 'punctual'));
    const train = (category: readonly string[]) =>
      trainGradientBoostedTrees({
        ...smallInput(),
        features: [{ name: 'category', type: 'category' }],
        columns: new Map([['category', category]]),
      });

    const model = train(real);
    const probe = new Map([['category', ['late', 'mixed', 'punctual']]]);
    const [late, mixed, punctual] = predictGradientBoostedTrees(model, probe, 3);

    expect(train(unique).trees).toEqual([]);
    expect(late).toBeGreaterThan(0.85);
    expect(punctual).toBeLessThan(0.15);
    expect(Math.abs((mixed as number) - 0.45)).toBeLessThan(0.1);
  });

  it('refuses what it cannot learn from, by name', () => {
    const column = (values: Float64Array) => new Map([...small.columns, ['b', values]]);
    const refused = (over: Partial<TrainingInput>) => () => trainGradientBoostedTrees({ ...smallInput(), ...over });

    expect(refused({ label: small.binaryLabel.map(() => 1) })).toThrow('both classes, got 3000 ones among 3000 rows');
    expect(refused({ label: small.value })).toThrow('label of row 0 must be 0 or 1');
    expect(refused({ columns: new Map() })).toThrow('column a is missing');
    expect(refused({ columns: column(new Float64Array(7)) })).toThrow('column b must hold 3000 rows, got 7');
    expect(refused({ columns: column(new Float64Array(3_000).fill(1e39)) })).toThrow(
      'value 0 of column b must fit a finite float32 or be NaN, got 1e+39',
    );
    expect(refused({ features: [{ name: 'a', type: 'category' }] })).toThrow(
      'column a must be of type category, got number',
    );
    expect(refused({ features: [{ name: 'probability', type: 'number' }] })).toThrow(
      "must not be named as the model's output, got probability",
    );
    expect(refused({ settings: { ...SETTINGS, maxLeaves: 256 } })).toThrow(
      'setting maxLeaves must be an integer in [2, 255], got 256',
    );
  });
});
