import type { ServedFeature } from './serving-faults.ts';

export interface SmokeFeature extends ServedFeature {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly nullable: boolean;
}

export interface SmokeInputs {
  readonly rowCount: number;
  readonly inputs: Readonly<Record<string, Float32Array | readonly string[]>>;
}

const NUMBERS = [0, 1, -1, 1e6] as const;
const CATEGORIES = ['', 'a', 'never seen', '✈'] as const;

const clamp = (value: number, { min = -Infinity, max = Infinity }: SmokeFeature): number =>
  Math.min(Math.max(value, min), max);

const columnOf = (feature: SmokeFeature, rowCount: number): Float32Array | readonly string[] => {
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  if (feature.type === 'category') {
    // A missing category is the empty text; one that may not be missing is never sent so.
    return rows.map((row) => (feature.nullable ? CATEGORIES : CATEGORIES.slice(1))[row % 3] ?? 'a');
  }
  const last = rowCount - 1;
  return Float32Array.from(rows, (row) =>
    feature.nullable && row === last ? Number.NaN : clamp(NUMBERS[row % NUMBERS.length] ?? 0, feature),
  );
};

/** Requests that a model must be able to answer: one row, and several with values at the edges of what is allowed. */
export const smokeInputs = (features: readonly SmokeFeature[]): readonly SmokeInputs[] =>
  [1, 5].map((rowCount) => ({
    rowCount,
    inputs: Object.fromEntries(features.map((feature) => [feature.name, columnOf(feature, rowCount)])),
  }));

/** What is wrong with the answers to a smoke request; undefined when nothing is. */
export const smokeFault = (task: 'binary-classification' | 'regression', answers: Float32Array): string | undefined => {
  const isWrong = (answer: number): boolean =>
    !Number.isFinite(answer) || (task === 'binary-classification' && (answer < 0 || answer > 1));
  const wrong = answers.find(isWrong);
  if (wrong === undefined) return undefined;
  const wanted = task === 'regression' ? 'a finite number' : 'a probability in [0, 1]';
  return `it answers ${wrong} to a request at the edge of what is allowed, ${wanted} is expected`;
};
