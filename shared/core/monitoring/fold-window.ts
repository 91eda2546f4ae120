export type CaptureRecord =
  | {
      readonly kind: 'prediction';
      readonly predictionId: string;
      readonly atMs: number;
      readonly version: number;
      readonly inputs: Readonly<Record<string, number | string | null>>;
      readonly output: number;
    }
  | {
      readonly kind: 'label';
      readonly predictionId: string;
      readonly label: number;
      readonly knownAtMs: number;
      readonly receivedAtMs: number;
    };

type Prediction = Extract<CaptureRecord, { kind: 'prediction' }>;
type Label = Extract<CaptureRecord, { kind: 'label' }>;

export interface WindowRow {
  readonly predictionId: string;
  readonly atMs: number;
  readonly version: number;
  readonly inputs: Readonly<Record<string, number | string | null>>;
  readonly output: number;
  readonly label?: number;
}

export interface CaptureWindow {
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** One row a prediction, by time and id. */
  readonly rows: readonly WindowRow[];
  /** Prediction lines that repeated an id. */
  readonly duplicateCount: number;
}

/** The earlier answer stands; the further keys only make the choice the same in any order of lines. */
const standsBefore = (a: Prediction, b: Prediction): boolean =>
  a.atMs !== b.atMs ? a.atMs < b.atMs : a.version !== b.version ? a.version < b.version : a.output < b.output;

const isNewer = (a: Label, b: Label): boolean =>
  a.knownAtMs !== b.knownAtMs
    ? a.knownAtMs > b.knownAtMs
    : a.receivedAtMs !== b.receivedAtMs
      ? a.receivedAtMs > b.receivedAtMs
      : a.label > b.label;

const byTimeThenId = (a: WindowRow, b: WindowRow): number =>
  a.atMs - b.atMs || (a.predictionId < b.predictionId ? -1 : 1);

/**
 * Folds captured lines into the rows of a window `[fromMs, toMs)`, by prediction time: one row per prediction id (lines
 * come at least once), with the label that became known last. The result does not depend on the lines' order. Labels
 * may lie anywhere in the lines; those without a prediction in the window are left out.
 */
export const foldWindow = ({
  records,
  fromMs,
  toMs,
  version,
}: {
  readonly records: Iterable<CaptureRecord>;
  readonly fromMs: number;
  readonly toMs: number;
  /** Only this model version's answers; default all. */
  readonly version?: number | undefined;
}): CaptureWindow => {
  const predictions = new Map<string, Prediction>();
  const labels = new Map<string, Label>();
  let duplicateCount = 0;
  const takePrediction = (record: Prediction): void => {
    const standing = predictions.get(record.predictionId);
    if (standing) duplicateCount += 1;
    if (!standing || standsBefore(record, standing)) predictions.set(record.predictionId, record);
  };
  for (const record of records) {
    if (record.kind === 'label') {
      const standing = labels.get(record.predictionId);
      if (!standing || isNewer(record, standing)) labels.set(record.predictionId, record);
    } else if (record.atMs >= fromMs && record.atMs < toMs && (version ?? record.version) === record.version) {
      takePrediction(record);
    }
  }
  const rows = [...predictions.values()].map(({ predictionId, atMs, version: by, inputs, output }): WindowRow => {
    const label = labels.get(predictionId)?.label;
    return { predictionId, atMs, version: by, inputs, output, ...(label === undefined ? {} : { label }) };
  });
  return { fromMs, toMs, rows: rows.sort(byTimeThenId), duplicateCount };
};
