import { AwsError, type DocumentTable, type ServiceContext } from '../contracts.ts';

export interface Cluster {
  readonly arn: string;
  readonly name: string;
}

/** The one container of a task. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number | undefined;
  readonly stopTimeoutSeconds: number;
  readonly logs: { readonly group: string; readonly streamPrefix: string } | undefined;
}

export interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly container: ContainerSpec;
  readonly taskRoleArn: string | undefined;
  readonly executionRoleArn: string | undefined;
  readonly registeredAtMs: number;
  /** As it was registered, for Describe. */
  readonly wire: Readonly<Record<string, unknown>>;
}

export interface Deployment {
  readonly id: string;
  readonly taskDefinitionArn: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly rolloutStateReason: string;
  /** Of tasks that ended before they were healthy, in a row. */
  readonly failedTaskCount: number;
}

export interface Service {
  readonly arn: string;
  readonly name: string;
  readonly clusterArn: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly desiredCount: number;
  readonly targetGroups: readonly { readonly targetGroupArn: string; readonly containerPort: number }[];
  /** Gives a deployment up when its tasks keep failing. */
  readonly circuitBreaker: boolean;
  /** What it is to run. */
  readonly deployment: Deployment;
  readonly createdAtMs: number;
  /** Settings that are told and do nothing. */
  readonly wire: Readonly<Record<string, unknown>>;
}

export interface Task {
  readonly arn: string;
  readonly id: string;
  readonly clusterArn: string;
  readonly serviceName: string;
  readonly deploymentId: string;
  readonly taskDefinitionArn: string;
  readonly lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  readonly healthy: boolean;
  /** Of this machine, while it runs. */
  readonly port: number | undefined;
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly stoppedAtMs?: number;
  readonly stopCode?: 'UserInitiated' | 'ServiceSchedulerInitiated' | 'EssentialContainerExited' | 'TaskFailedToStart';
  readonly stoppedReason?: string;
  readonly exitCode?: number;
}

export interface EcsTables {
  readonly clusters: DocumentTable<Cluster>;
  readonly definitions: DocumentTable<TaskDefinition>;
  /** The newest revision ever of a family: numbers are not given twice. */
  readonly revisions: DocumentTable<number>;
  readonly services: DocumentTable<Service>;
  readonly tasks: DocumentTable<Task>;
}

export const openEcsTables = ({ store }: Pick<ServiceContext, 'store'>): EcsTables => ({
  clusters: store.table('ecs.clusters'),
  definitions: store.table('ecs.task-definitions'),
  revisions: store.table('ecs.revisions'),
  services: store.table('ecs.services'),
  tasks: store.table('ecs.tasks'),
});

export const arnOf = (
  { partition, region, accountId }: Pick<ServiceContext, 'partition' | 'region' | 'accountId'>,
  resource: string,
): string => `arn:${partition}:ecs:${region}:${accountId}:${resource}`;

/** The last part of an ARN or of a path; a name is its own. */
export const nameIn = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);

/** By name or ARN. @throws AwsError ClusterNotFoundException */
export const requireCluster = ({ clusters }: EcsTables, reference: string): Cluster => {
  const found = clusters.get(nameIn(reference));
  if (found === undefined) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  return found;
};

export const serviceKey = (clusterArn: string, service: string): string => `${nameIn(clusterArn)}/${nameIn(service)}`;

/** @throws AwsError ServiceNotFoundException */
export const requireService = ({ services }: EcsTables, clusterArn: string, reference: string): Service => {
  const found = services.get(serviceKey(clusterArn, reference));
  if (found === undefined || found.status !== 'ACTIVE')
    throw new AwsError('ServiceNotFoundException', `Service not found: ${reference}`);
  return found;
};

const numbered = (revision: number): string => String(revision).padStart(8, '0');

export const definitionKey = (family: string, revision: number): string => `${family}:${numbered(revision)}`;

export const revisionsOf = ({ definitions }: EcsTables, family: string): readonly TaskDefinition[] =>
  definitions.entries(`${family}:`).map(([, definition]) => definition);

/** By `family`, which means its newest active revision, by `family:revision` or by ARN. @throws AwsError */
export const requireDefinition = (tables: EcsTables, reference: string): TaskDefinition => {
  const [family = '', revision] = nameIn(reference).split(':');
  const found =
    revision === undefined
      ? revisionsOf(tables, family).findLast(({ status }) => status === 'ACTIVE')
      : tables.definitions.get(definitionKey(family, Number(revision)));
  if (found === undefined) throw new AwsError('ClientException', 'Unable to describe task definition.');
  return found;
};

export const tasksOf = ({ tasks }: EcsTables, { name, clusterArn }: Service): readonly Task[] =>
  tasks
    .entries(`${nameIn(clusterArn)}/`)
    .map(([, task]) => task)
    .filter((task) => task.serviceName === name);

export const taskKey = (clusterArn: string, taskId: string): string => `${nameIn(clusterArn)}/${nameIn(taskId)}`;

export const isStopped = ({ lastStatus }: Task): boolean => lastStatus === 'STOPPED';
