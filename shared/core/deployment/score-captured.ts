import {
  type FeatureValue,
  type InferenceBatch,
  type ModelInput,
  type ModelSignature,
  toBatch,
} from '../inference/index.ts';

/** Inputs of a captured prediction by feature name, as the version that answered took them. */
export type CapturedInputs = Readonly<Record<string, FeatureValue>>;

/** A version that is asked beside the traffic. */
export interface ReplayedVersion {
  readonly signature: Pick<ModelSignature, 'task' | 'inputs' | 'outputs'>;
  predict(columns: InferenceBatch['columns'], rowCount: number): Promise<Float32Array>;
}

/** What a version says to one row: a number; that it fails; or nothing, because the row lacks a feature it reads. */
export type ReplayedAnswer = number | 'failed' | 'not comparable';

/** As many as a request may have. */
const CHUNK_ROWS = 500;

type Standing = 'askable' | Exclude<ReplayedAnswer, number>;

const standingOf = ({ name, datatype, nullable }: ModelInput, row: CapturedInputs): Standing => {
  const value = Object.hasOwn(row, name) ? row[name] : undefined;
  // What callers may leave out today they could no longer leave out.
  if (value === null) return nullable ? 'askable' : 'failed';
  return typeof value === (datatype === 'FP32' ? 'number' : 'string') ? 'askable' : 'not comparable';
};

/** Whether a version can be asked a captured row, and whether its callers would be answered. */
const rowStanding = ({ inputs }: ReplayedVersion['signature'], row: CapturedInputs): Standing => {
  const standings = inputs.map((input) => standingOf(input, row));
  if (standings.includes('not comparable')) return 'not comparable';
  return standings.includes('failed') ? 'failed' : 'askable';
};

/** Features that a version reads and a captured row lacks, or has as another type. */
export const missingFeatures = (
  { inputs }: ReplayedVersion['signature'],
  rows: readonly CapturedInputs[],
): readonly string[] =>
  inputs.filter((input) => rows.some((row) => standingOf(input, row) === 'not comparable')).map(({ name }) => name);

const sound = (answer: number | undefined): ReplayedAnswer =>
  answer !== undefined && Number.isFinite(answer) ? answer : 'failed';

/** The rows together, and each by itself if they fail together: one row that a graph cannot take fails all of a call. */
const ask = async (version: ReplayedVersion, rows: readonly CapturedInputs[]): Promise<readonly ReplayedAnswer[]> => {
  if (rows.length === 0) return [];
  try {
    const { columns, rowCount } = toBatch(version.signature, rows);
    const answers = await version.predict(columns, rowCount);
    return rows.map((_, i) => sound(answers[i]));
  } catch {
    if (rows.length === 1) return ['failed'];
    const answers: ReplayedAnswer[] = [];
    for (const row of rows) answers.push(...(await ask(version, [row])));
    return answers;
  }
};

/** What a version says to captured rows, in their order. A row it throws at, and an answer that is not finite, failed. */
export const scoreCaptured = async (
  version: ReplayedVersion,
  rows: readonly CapturedInputs[],
): Promise<readonly ReplayedAnswer[]> => {
  const answers: ReplayedAnswer[] = [];
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    const chunk = rows.slice(from, from + CHUNK_ROWS);
    const standings = chunk.map((row) => rowStanding(version.signature, row));
    const asked = await ask(
      version,
      chunk.filter((_, i) => standings[i] === 'askable'),
    );
    let next = 0;
    for (const standing of standings) {
      if (standing === 'askable') {
        answers.push(asked[next] ?? 'failed');
        next += 1;
      } else answers.push(standing);
    }
  }
  return answers;
};
