/** Experiments and runs as the tracking API knows them. Pure data; the rules stand beside. Semantics: MLflow's REST API. */

export type LifecycleStage = 'active' | 'deleted';
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

/** Values by key. Keys are the caller's: read with `Object.hasOwn`, written through `Object.fromEntries`. */
export type TextByKey = Readonly<Record<string, string>>;

export interface Experiment {
  /** Decimal digits; `0` is "Default". */
  readonly experimentId: string;
  readonly name: string;
  /** URI under which each run has `<runId>/artifacts`. */
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly tags: TextByKey;
}

/** One logged point. */
export interface MetricPoint {
  readonly key: string;
  /** May be NaN; infinities are stored as ±Number.MAX_VALUE. */
  readonly value: number;
  readonly timestampMs: number;
  /** May be negative. */
  readonly step: number;
  /** The logged model that it belongs to besides the run. */
  readonly modelId?: string;
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

export interface RunInfo {
  /** 32 lower-case hex digits when we made it. */
  readonly runId: string;
  readonly experimentId: string;
  /** Always equal to the tag `mlflow.runName`. */
  readonly runName: string;
  readonly userId: string;
  readonly status: RunStatus;
  readonly startTimeMs: number;
  readonly endTimeMs?: number;
  readonly lifecycleStage: LifecycleStage;
  readonly artifactUri: string;
}

/** A dataset that a run used. Schema and profile may be megabytes: they are stored apart and read on `runs/get` only. */
export interface DatasetInput {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema?: string;
  readonly profile?: string;
  readonly tags: TextByKey;
}

export interface Run {
  readonly info: RunInfo;
  readonly params: TextByKey;
  readonly tags: TextByKey;
  /** The latest point of each key: the greatest by (step, timestamp, value), NaN below every number. */
  readonly metrics: Readonly<Record<string, MetricPoint>>;
  readonly datasetInputs: readonly DatasetInput[];
  readonly modelInputs: readonly { readonly modelId: string }[];
  readonly modelOutputs: readonly { readonly modelId: string; readonly step: number }[];
}
