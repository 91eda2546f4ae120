import { InvalidRequestError } from '../../kernel/errors.ts';
import {
  type FeatureColumn,
  outputName,
  type TrainingFeature,
  type TrainingInput,
  type TrainingSettings,
} from './gradient-boosted-trees.ts';

const MAX_FEATURES = 200;

const refuse = (message: string): never => {
  throw new InvalidRequestError(message);
};

const SETTING_RULES: Readonly<Record<keyof TrainingSettings, readonly [allowed: string, (value: number) => boolean]>> =
  {
    rounds: ['an integer in [1, 2000]', (value) => Number.isInteger(value) && value >= 1 && value <= 2_000],
    maxLeaves: ['an integer in [2, 255]', (value) => Number.isInteger(value) && value >= 2 && value <= 255],
    learningRate: ['in (0, 1]', (value) => value > 0 && value <= 1],
    minRowsPerLeaf: ['an integer of at least 1', (value) => Number.isInteger(value) && value >= 1],
    l2: ['a finite number of at least 0', (value) => Number.isFinite(value) && value >= 0],
    earlyStoppingRounds: ['an integer of at least 0', (value) => Number.isInteger(value) && value >= 0],
    seed: ['an integer in [0, 2147483647]', (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 31],
  };

const checkSettings = (settings: TrainingSettings): void => {
  for (const [name, [allowed, holds]] of Object.entries(SETTING_RULES)) {
    const value = settings[name as keyof TrainingSettings];
    if (!holds(value)) refuse(`setting ${name} must be ${allowed}, got ${value}`);
  }
};

const checkLabels = ({ task, label }: TrainingInput): void => {
  let positiveCount = 0;
  for (let row = 0; row < label.length; row++) {
    const value = label[row] as number;
    if (task === 'binary-classification' ? value !== 0 && value !== 1 : !Number.isFinite(value)) {
      refuse(`label of row ${row} must be ${task === 'binary-classification' ? '0 or 1' : 'finite'}, got ${value}`);
    }
    positiveCount += value;
  }
  if (task === 'binary-classification' && (positiveCount === 0 || positiveCount === label.length)) {
    refuse(`labels must be of both classes, got ${positiveCount} ones among ${label.length} rows`);
  }
};

/**
 * The column of a feature, checked against its type.
 * @throws InvalidRequestError when it is absent, of another length, or of another type.
 */
export const columnOf = (
  feature: TrainingFeature,
  columns: ReadonlyMap<string, FeatureColumn>,
  rowCount: number,
): FeatureColumn => {
  const column = columns.get(feature.name);
  if (column === undefined) return refuse(`column ${feature.name} is missing, got ${[...columns.keys()].join(', ')}`);
  if (column.length !== rowCount) {
    refuse(`column ${feature.name} must hold ${rowCount} rows, got ${column.length}`);
  }
  const type = ArrayBuffer.isView(column) ? 'number' : 'category';
  if (type !== feature.type) refuse(`column ${feature.name} must be of type ${feature.type}, got ${type}`);
  return column;
};

const checkNumbers = (name: string, column: Float64Array | Float32Array): void => {
  for (let row = 0; row < column.length; row++) {
    if (Math.abs(Math.fround(column[row] as number)) === Number.POSITIVE_INFINITY) {
      refuse(`value ${row} of column ${name} must fit a finite float32 or be NaN, got ${column[row]}`);
    }
  }
};

/**
 * Refuses what cannot be trained on, naming the field, the value and what is allowed.
 * @throws InvalidRequestError
 */
export const checkTrainingInput = (input: TrainingInput): void => {
  const { features, columns, label, settings } = input;
  checkSettings(settings);
  if (features.length < 1 || features.length > MAX_FEATURES) {
    refuse(`a model must have 1 to ${MAX_FEATURES} features, got ${features.length}`);
  }
  if (new Set(features.map(({ name }) => name)).size !== features.length) {
    refuse(`feature names must not repeat, got ${features.map(({ name }) => name).join(', ')}`);
  }
  if (features.some(({ name }) => name === outputName(input.task))) {
    refuse(`a feature must not be named as the model's output, got ${outputName(input.task)}`);
  }
  if (label.length < 2) refuse(`training needs at least 2 rows, got ${label.length}`);
  checkLabels(input);
  for (const feature of features) {
    const column = columnOf(feature, columns, label.length);
    if (ArrayBuffer.isView(column)) checkNumbers(feature.name, column as Float64Array | Float32Array);
  }
};
