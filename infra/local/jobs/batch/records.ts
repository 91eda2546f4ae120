import type { DocumentTable, StateStore } from '../../contracts.ts';

interface ContainerDependency {
  readonly containerName: string;
  readonly condition: 'START' | 'COMPLETE' | 'SUCCESS';
}

/** One container, as a single job's or as one of several. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** `GPU`, `VCPU`, `MEMORY` by value. */
  readonly resources: Readonly<Record<string, string>>;
  readonly essential: boolean;
  readonly dependsOn: readonly ContainerDependency[];
  readonly mounts: readonly { readonly containerPath: string; readonly volume: string }[];
}

export interface ExitRule {
  readonly action: 'RETRY' | 'EXIT';
  readonly onExitCode?: string;
  readonly onReason?: string;
  readonly onStatusReason?: string;
}

/** What runs: a job definition's part, with a job's overrides laid over it. */
export interface TaskSpec {
  readonly multi: boolean;
  readonly containers: readonly ContainerSpec[];
  readonly volumes: readonly string[];
  readonly roleArn?: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly attempts: number;
  readonly exitRules: readonly ExitRule[];
  readonly timeoutSeconds?: number;
}

export interface JobDefinitionRecord {
  readonly arn: string;
  readonly name: string;
  readonly revision: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly spec: TaskSpec;
  /** As it was registered, for Describe. */
  readonly wire: Readonly<Record<string, unknown>>;
}

/** Compute environments and job queues: described, not run. */
export interface StoredResource {
  readonly arn: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly wire: Readonly<Record<string, unknown>>;
}

export type JobStatus = 'SUBMITTED' | 'PENDING' | 'RUNNABLE' | 'STARTING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';

export interface ContainerResult {
  readonly name: string;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly logStreamName: string;
}

export interface AttemptRecord {
  readonly containers: readonly ContainerResult[];
  readonly startedMs: number;
  readonly stoppedMs: number;
  readonly statusReason: string;
}

export interface JobRecord {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly queueArn: string;
  readonly definitionArn: string;
  readonly spec: TaskSpec;
  readonly dependsOn: readonly string[];
  readonly status: JobStatus;
  readonly statusReason?: string;
  readonly createdMs: number;
  readonly startedMs?: number;
  readonly stoppedMs?: number;
  readonly attempts: readonly AttemptRecord[];
  readonly cancelled: boolean;
  readonly terminated: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface BatchTables {
  readonly environments: DocumentTable<StoredResource>;
  readonly queues: DocumentTable<StoredResource>;
  /** By ARN. */
  readonly definitions: DocumentTable<JobDefinitionRecord>;
  readonly jobs: DocumentTable<JobRecord>;
}

export const openBatchTables = (store: StateStore): BatchTables => ({
  environments: store.table('batch/compute-environments'),
  queues: store.table('batch/job-queues'),
  definitions: store.table('batch/job-definitions'),
  jobs: store.table('batch/jobs'),
});

export const isOver = (status: JobStatus): boolean => status === 'SUCCEEDED' || status === 'FAILED';
