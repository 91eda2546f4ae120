import type { MetricPoint, TextByKey } from './run.ts';

/** Logged models: what `log_model` of MLflow 3 makes. Pure data; the rules stand in core/logged-models. */

export type LoggedModelStatus =
  | 'LOGGED_MODEL_STATUS_UNSPECIFIED'
  | 'LOGGED_MODEL_PENDING'
  | 'LOGGED_MODEL_READY'
  | 'LOGGED_MODEL_UPLOAD_FAILED';

/** A registered model's version that was made from a logged model. */
export interface LoggedModelRegistration {
  readonly name: string;
  /** Decimal digits. */
  readonly version: string;
}

export type LoggedModelMetric = Omit<MetricPoint, 'modelId'> & { readonly runId: string };

export interface LoggedModel {
  /** `m-` and 32 lower-case hex digits. */
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly artifactUri: string;
  readonly status: LoggedModelStatus;
  readonly lifecycleStage: 'active' | 'deleted';
  readonly modelType?: string;
  readonly sourceRunId?: string;
  readonly params: TextByKey;
  readonly tags: TextByKey;
  /** The newest point of each series: metric key, run and dataset. */
  readonly metrics: readonly LoggedModelMetric[];
  readonly registrations: readonly LoggedModelRegistration[];
}
