import type { DocumentTable, StateStore } from '../../contracts.ts';

export type TrainingJobStatus = 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';

export interface TrainingChannel {
  readonly name: string;
  readonly s3Uri: string;
  readonly contentType?: string;
}

export interface MetricDefinition {
  readonly name: string;
  readonly regex: string;
}

/** What a CreateTrainingJob asked for, read and checked. */
export interface TrainingJobRequest {
  readonly name: string;
  readonly roleArn: string;
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly arguments: readonly string[];
  readonly hyperParameters: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly channels: readonly TrainingChannel[];
  readonly outputUri: string;
  readonly compressed: boolean;
  readonly instanceType: string;
  readonly maxRuntimeSeconds: number;
  readonly maxWaitSeconds?: number;
  readonly spot: boolean;
  readonly checkpoint?: { readonly s3Uri: string; readonly localPath: string };
  readonly metricDefinitions: readonly MetricDefinition[];
}

interface Transition {
  readonly status: string;
  readonly startMs: number;
  readonly endMs?: number;
  readonly message: string;
}

export interface TrainingJobRecord {
  readonly arn: string;
  readonly request: TrainingJobRequest;
  /** The request as it came, for Describe. */
  readonly wire: Readonly<Record<string, unknown>>;
  readonly status: TrainingJobStatus;
  readonly secondaryStatus: string;
  readonly transitions: readonly Transition[];
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly trainingStartMs?: number;
  readonly trainingEndMs?: number;
  readonly failureReason?: string;
  readonly modelArtifacts?: string;
  readonly finalMetrics: Readonly<Record<string, { readonly value: number; readonly atMs: number }>>;
  /** Measured on the machine's clock: the child's time is real, the virtual clock is held meanwhile. */
  readonly trainingSeconds?: number;
  readonly billableSeconds?: number;
}

export type TrainingJobs = DocumentTable<TrainingJobRecord>;

export const openTrainingJobs = (store: StateStore): TrainingJobs => store.table('sagemaker/training-jobs');
export const isOver = (status: TrainingJobStatus): boolean => ['Completed', 'Failed', 'Stopped'].includes(status);
