import type {
  DatasetInput,
  LifecycleStage,
  MetricPoint,
  Run,
  RunInfo,
  TextByKey,
} from '../../../core/tracking/index.ts';

/**
 * A run as it is stored: one document, but of a hot run two, because its metrics are written often and the rest is not.
 */

/** A dataset without its schema and profile. */
export interface DatasetReference {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  /** Absent when it is long: it stands in the stored dataset then. */
  readonly source?: string;
  readonly tags: TextByKey;
  /** Digest of the stored dataset (`StoredDataset`). */
  readonly content: string;
}

/** What is stored of a dataset apart, by its content: two inputs of the same content are one item. */
export type StoredDataset = Pick<DatasetInput, 'source' | 'schema' | 'profile'>;

export interface RunDocument {
  readonly info: RunInfo;
  readonly params: TextByKey;
  readonly tags: TextByKey;
  readonly datasets: readonly DatasetReference[];
  readonly modelInputs: Run['modelInputs'];
  readonly modelOutputs: Run['modelOutputs'];
}

export type Metrics = Run['metrics'];

/** How a run's document is packed: with its metrics, unless the run is hot and they have an item of their own. */
export type PackedRun = RunDocument & { readonly metrics?: PackedMetrics };

export interface MetricsDocument {
  /** The run's, so that a metric of a hot run need not touch the run's document to be refused for a deleted run. */
  readonly lifecycleStage: LifecycleStage;
  readonly metrics: Metrics;
  /** The greatest time between two points of one chunk of the history. */
  readonly longestSpanMs: number;
  /** The greatest distance of steps in a chunk of one timestamp. */
  readonly longestStepSpan: number;
  /** How often metrics were written since the run was cold. */
  readonly writeCount: number;
  /** While the run is hot. */
  readonly hot?: HotState;
}

interface HotState {
  readonly sinceMs: number;
  /** The values that the index has. */
  readonly indexed: Readonly<Record<string, number>>;
}

/** What JSON has no form for (NaN) is null. */
type Row = readonly [string, number | null, number, number, (string | null)?, (string | null)?, (string | null)?];

export type PackedMetrics = Omit<MetricsDocument, 'metrics' | 'hot'> & {
  readonly points: readonly Row[];
  readonly hot?: { readonly sinceMs: number; readonly indexed: readonly (readonly [string, number | null])[] };
};

export const rowOfPoint = (point: MetricPoint): Row => {
  const { key, value, timestampMs, step, modelId, datasetName, datasetDigest } = point;
  const start = [key, Number.isNaN(value) ? null : value, timestampMs, step] as const;
  if (datasetName !== undefined || datasetDigest !== undefined) {
    return [...start, modelId ?? null, datasetName ?? null, datasetDigest ?? null];
  }
  return modelId === undefined ? start : [...start, modelId];
};

export const pointOfRow = (row: Row): MetricPoint => {
  const [key, value, timestampMs, step, modelId, datasetName, datasetDigest] = row;
  const point = { key, value: value ?? Number.NaN, timestampMs, step };
  if (row.length === 4) return point;
  return {
    ...point,
    ...(modelId == null ? {} : { modelId }),
    ...(datasetName == null ? {} : { datasetName }),
    ...(datasetDigest == null ? {} : { datasetDigest }),
  };
};

export const packMetrics = ({ metrics, hot, ...rest }: MetricsDocument): PackedMetrics => ({
  ...rest,
  points: Object.values(metrics).map(rowOfPoint),
  ...(hot === undefined
    ? {}
    : {
        hot: {
          sinceMs: hot.sinceMs,
          indexed: Object.entries(hot.indexed).map(([key, value]) => [key, Number.isNaN(value) ? null : value]),
        },
      }),
});

export const unpackMetrics = ({ points, hot, ...rest }: PackedMetrics): MetricsDocument => ({
  ...rest,
  metrics: Object.fromEntries(points.map((row) => [row[0], pointOfRow(row)])),
  ...(hot === undefined
    ? {}
    : {
        hot: {
          sinceMs: hot.sinceMs,
          indexed: Object.fromEntries(hot.indexed.map(([key, value]) => [key, value ?? Number.NaN])),
        },
      }),
});

/** A run without what the datasets hold, as changes see it. */
export const runOfDocuments = (run: RunDocument, { metrics }: MetricsDocument): Omit<Run, 'datasetInputs'> => {
  const { datasets: _, ...rest } = run;
  return { ...rest, metrics };
};
