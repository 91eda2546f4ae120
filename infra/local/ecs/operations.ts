import { AwsError, type ServiceContext } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { showDefinition, showService, showTask } from './describe.ts';
import { readCreatedService, readUpdatedService } from './read-service.ts';
import { readTaskDefinition } from './read-task-definition.ts';
import {
  arnOf,
  definitionKey,
  type EcsTables,
  isStopped,
  nameIn,
  requireCluster,
  requireDefinition,
  requireService,
  revisionsOf,
  serviceKey,
  taskKey,
  tasksOf,
} from './records.ts';
import type { ServiceBook } from './service-book.ts';
import type { ServiceScheduler } from './service-scheduler.ts';

type Operations = Readonly<Record<string, JsonOperation>>;

export interface EcsDeps {
  readonly context: ServiceContext;
  readonly tables: EcsTables;
  readonly services: ServiceBook;
  readonly scheduler: ServiceScheduler;
}

const FRAME = { code: 'InvalidParameterException' };
const CLIENT_FRAME = { code: 'ClientException' };
const NO_TAGS = 'no operation here reads tags back';
const PAGE = 100;
const DEFAULT_CLUSTER = 'default';

const clusterOf = (fields: Fields): string => fields.text('cluster') ?? DEFAULT_CLUSTER;

const readPage = (fields: Fields) => {
  const size = fields.integer('maxResults', { min: 1, max: PAGE }) ?? PAGE;
  // A token is where the last page ended.
  const from = fields.integer('nextToken', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0;
  return { size, from };
};

const paged = (arns: readonly string[], { size, from }: { readonly size: number; readonly from: number }) => ({
  arns: arns.slice(from, from + size),
  nextToken: from + size < arns.length ? String(from + size) : undefined,
});

const showCluster = (tables: EcsTables, { arn, name }: { readonly arn: string; readonly name: string }) => {
  const services = tables.services.entries(`${name}/`).map(([, service]) => service);
  const active = services.filter(({ status }) => status === 'ACTIVE');
  const running = tables.tasks.entries(`${name}/`).filter(([, { lastStatus }]) => lastStatus === 'RUNNING');
  return {
    clusterArn: arn,
    clusterName: name,
    status: 'ACTIVE',
    activeServicesCount: active.length,
    runningTasksCount: running.length,
  };
};

const clusterOperations = ({ context, tables }: EcsDeps): Operations => ({
  CreateCluster: (input) => {
    const name = readFields(input, FRAME, (fields) => {
      fields.ignore(NO_TAGS, 'tags');
      return fields.text('clusterName') ?? DEFAULT_CLUSTER;
    });
    const cluster = { name, arn: arnOf(context, `cluster/${name}`) };
    tables.clusters.put(name, cluster);
    return { cluster: showCluster(tables, cluster) };
  },
  DeleteCluster: (input) => {
    const cluster = requireCluster(
      tables,
      readFields(input, FRAME, (fields) => fields.requiredText('cluster')),
    );
    const shown = showCluster(tables, cluster);
    if (shown.activeServicesCount > 0)
      throw new AwsError(
        'ClusterContainsServicesException',
        'The Cluster cannot be deleted while Services are active.',
      );
    tables.clusters.delete(cluster.name);
    return { cluster: { ...shown, status: 'INACTIVE' } };
  },
  DescribeClusters: (input) => {
    const asked = readFields(input, FRAME, (fields) => fields.texts('clusters') ?? [DEFAULT_CLUSTER]);
    const found = asked.map((reference) => ({ reference, cluster: tables.clusters.get(nameIn(reference)) }));
    return {
      clusters: found.flatMap(({ cluster }) => (cluster === undefined ? [] : [showCluster(tables, cluster)])),
      failures: found.flatMap(({ reference, cluster }) =>
        cluster === undefined ? [{ arn: reference, reason: 'MISSING' }] : [],
      ),
    };
  },
});

const definitionOperations = ({ tables, services }: EcsDeps): Operations => ({
  RegisterTaskDefinition: (input) => {
    const read = readFields(input, CLIENT_FRAME, readTaskDefinition);
    const { family } = read;
    if (family === undefined) throw new AwsError('ClientException', 'family is required');
    return { taskDefinition: showDefinition(services.register({ ...read, family }, input)) };
  },
  DeregisterTaskDefinition: (input) => {
    const reference = readFields(input, CLIENT_FRAME, (fields) => fields.requiredText('taskDefinition'));
    if (!/:\d+$/.test(reference)) throw new AwsError('ClientException', 'Revision is missing.');
    const inactive = { ...requireDefinition(tables, reference), status: 'INACTIVE' } as const;
    tables.definitions.put(definitionKey(inactive.family, inactive.revision), inactive);
    return { taskDefinition: showDefinition(inactive) };
  },
  DescribeTaskDefinition: (input) => {
    const reference = readFields(input, CLIENT_FRAME, (fields) => fields.requiredText('taskDefinition'));
    return { taskDefinition: showDefinition(requireDefinition(tables, reference)) };
  },
  ListTaskDefinitions: (input) => {
    const { family, status, newestFirst, page } = readFields(input, FRAME, (fields) => ({
      family: fields.requiredText('familyPrefix'),
      status: fields.choice('status', ['ACTIVE', 'INACTIVE']) ?? 'ACTIVE',
      newestFirst: fields.choice('sort', ['ASC', 'DESC']) === 'DESC',
      page: readPage(fields),
    }));
    const found = revisionsOf(tables, family)
      .filter((one) => one.status === status)
      .map(({ arn }) => arn);
    const { arns, nextToken } = paged(newestFirst ? found.toReversed() : found, page);
    return { taskDefinitionArns: arns, nextToken };
  },
});

const serviceOperations = ({ tables, services }: EcsDeps): Operations => ({
  CreateService: (input) => {
    const read = readFields(input, FRAME, readCreatedService);
    const { name } = read;
    if (name === undefined) throw new AwsError('InvalidParameterException', 'serviceName is required');
    return { service: showService(tables, services.create({ ...read, name }, input)) };
  },
  UpdateService: (input) => {
    const { cluster, service, ...change } = readFields(input, FRAME, readUpdatedService);
    const standing = requireService(tables, requireCluster(tables, cluster).arn, service);
    return { service: showService(tables, services.update(standing, change)) };
  },
  DeleteService: (input) => {
    const { cluster, service, force } = readFields(input, FRAME, (fields) => ({
      cluster: clusterOf(fields),
      service: fields.requiredText('service'),
      force: fields.flag('force') ?? false,
    }));
    const standing = requireService(tables, requireCluster(tables, cluster).arn, service);
    if (standing.desiredCount > 0 && !force) {
      throw new AwsError('InvalidParameterException', 'The service cannot be stopped while it is scaled above 0.');
    }
    return { service: { ...showService(tables, services.remove(standing)), status: 'DRAINING' } };
  },
  DescribeServices: (input) => {
    const { cluster, names } = readFields(input, FRAME, (fields) => ({
      cluster: clusterOf(fields),
      names: fields.texts('services') ?? [],
    }));
    const { arn } = requireCluster(tables, cluster);
    if (names.length < 1 || names.length > 10)
      throw new AwsError('InvalidParameterException', 'services must hold 1 to 10 names');
    const found = names.map((name) => ({ name, service: tables.services.get(serviceKey(arn, name)) }));
    return {
      services: found.flatMap(({ service }) => (service === undefined ? [] : [showService(tables, service)])),
      failures: found.flatMap(({ name, service }) => (service === undefined ? [{ arn: name, reason: 'MISSING' }] : [])),
    };
  },
  ListServices: (input) => {
    const { cluster, page } = readFields(input, FRAME, (fields) => ({
      cluster: clusterOf(fields),
      page: readPage(fields),
    }));
    const { name } = requireCluster(tables, cluster);
    const active = tables.services.entries(`${name}/`).filter(([, { status }]) => status === 'ACTIVE');
    const { arns, nextToken } = paged(
      active.map(([, { arn }]) => arn),
      page,
    );
    return { serviceArns: arns, nextToken };
  },
});

const taskOperations = ({ tables, scheduler }: EcsDeps): Operations => ({
  ListTasks: (input) => {
    const { cluster, serviceName, stopped, page } = readFields(input, FRAME, (fields) => ({
      cluster: clusterOf(fields),
      serviceName: fields.requiredText('serviceName'),
      stopped: fields.choice('desiredStatus', ['RUNNING', 'STOPPED']) === 'STOPPED',
      page: readPage(fields),
    }));
    const service = requireService(tables, requireCluster(tables, cluster).arn, serviceName);
    const found = tasksOf(tables, service).filter((task) => isStopped(task) === stopped);
    const { arns, nextToken } = paged(
      found.map(({ arn }) => arn),
      page,
    );
    return { taskArns: arns, nextToken };
  },
  DescribeTasks: (input) => {
    const { cluster, asked } = readFields(input, FRAME, (fields) => ({
      cluster: clusterOf(fields),
      asked: fields.texts('tasks') ?? [],
    }));
    const { arn } = requireCluster(tables, cluster);
    const found = asked.map((reference) => ({ reference, task: tables.tasks.get(taskKey(arn, reference)) }));
    return {
      tasks: found.flatMap(({ task }) =>
        task === undefined ? [] : [showTask(task, requireDefinition(tables, task.taskDefinitionArn).container.name)],
      ),
      failures: found.flatMap(({ reference, task }) =>
        task === undefined ? [{ arn: reference, reason: 'MISSING' }] : [],
      ),
    };
  },
  StopTask: (input) => {
    const { cluster, reference, reason } = readFields(input, FRAME, (fields) => ({
      cluster: clusterOf(fields),
      reference: fields.requiredText('task'),
      reason: fields.text('reason') ?? 'Task stopped by user',
    }));
    const task = tables.tasks.get(taskKey(requireCluster(tables, cluster).arn, reference));
    if (task === undefined) throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
    void scheduler.stopTask(task, { stopCode: 'UserInitiated', stoppedReason: reason });
    const { container } = requireDefinition(tables, task.taskDefinitionArn);
    return { task: { ...showTask(task, container.name), desiredStatus: 'STOPPED' } };
  },
});

export const ecsOperations = (deps: EcsDeps): Operations => ({
  ...clusterOperations(deps),
  ...definitionOperations(deps),
  ...serviceOperations(deps),
  ...taskOperations(deps),
});
