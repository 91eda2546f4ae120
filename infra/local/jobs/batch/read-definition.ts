import { AwsError } from '../../contracts.ts';
import { type Fields, readFields } from '../../protocols/fields.ts';
import type { ContainerSpec, ExitRule, TaskSpec } from './records.ts';

type Plain = Readonly<Record<string, unknown>>;

const pairs = (fields: Fields, member: string, key: string, value: string): Readonly<Record<string, string>> =>
  Object.fromEntries(fields.list(member, (item) => [item.requiredText(key), item.text(value) ?? ''] as const) ?? []);

const NO_CONTAINER = 'a child process stands for the container';
const NO_IMAGES = 'no image is pulled here';

const readMounts = (fields: Fields): ContainerSpec['mounts'] =>
  fields.list('mountPoints', (mount) => {
    mount.flag('readOnly');
    return {
      containerPath: mount.requiredText('containerPath').replace(/\/$/, ''),
      volume: mount.requiredText('sourceVolume'),
    };
  }) ?? [];

const readVolumes = (fields: Fields): readonly string[] =>
  fields.list('volumes', (volume) => {
    volume.ignore('a folder of the job stands for every volume', 'host');
    return volume.requiredText('name');
  }) ?? [];

/** What a container of either kind holds. */
const readContainer = (fields: Fields, name: string): ContainerSpec => {
  fields.ignore('every line goes to /aws/batch/job', 'logConfiguration');
  fields.ignore(NO_CONTAINER, 'linuxParameters', 'ulimits', 'user', 'privileged', 'readonlyRootFilesystem');
  if (fields.list('secrets', (secret) => secret.requiredText('name'))?.length) {
    throw fields.refuse('secrets', 'are not supported here: read them in the program with its role');
  }
  return {
    name,
    image: fields.requiredText('image'),
    command: fields.texts('command') ?? [],
    environment: pairs(fields, 'environment', 'name', 'value'),
    resources: pairs(fields, 'resourceRequirements', 'type', 'value'),
    essential: true,
    dependsOn: [],
    mounts: readMounts(fields),
  };
};

const readSingle = (fields: Fields): Pick<TaskSpec, 'containers' | 'volumes' | 'roleArn'> => {
  fields.ignore(NO_IMAGES, 'executionRoleArn');
  fields.ignore(NO_CONTAINER, 'vcpus', 'memory', 'fargatePlatformConfiguration', 'networkConfiguration');
  fields.ignore(NO_CONTAINER, 'runtimePlatform', 'ephemeralStorage');
  const roleArn = fields.text('jobRoleArn');
  const container = readContainer(fields, 'default');
  return { containers: [container], volumes: readVolumes(fields), ...(roleArn === undefined ? {} : { roleArn }) };
};

const readMember = (fields: Fields): ContainerSpec => ({
  ...readContainer(fields, fields.requiredText('name')),
  essential: fields.flag('essential') ?? false,
  dependsOn:
    fields.list('dependsOn', (dependency) => ({
      containerName: dependency.requiredText('containerName'),
      condition: dependency.choice('condition', ['START', 'COMPLETE', 'SUCCESS']) ?? 'START',
    })) ?? [],
});

const readTask = (fields: Fields): Pick<TaskSpec, 'containers' | 'volumes' | 'roleArn'> => {
  fields.ignore(NO_IMAGES, 'executionRoleArn');
  fields.ignore(NO_CONTAINER, 'platformVersion', 'networkConfiguration', 'runtimePlatform', 'ephemeralStorage');
  fields.ignore(NO_CONTAINER, 'ipcMode', 'pidMode', 'enableExecuteCommand');
  const roleArn = fields.text('taskRoleArn');
  return {
    containers: fields.list('containers', readMember) ?? [],
    volumes: readVolumes(fields),
    ...(roleArn === undefined ? {} : { roleArn }),
  };
};

const fault = (why: string): AwsError => new AwsError('ClientException', `Error executing request, Exception : ${why}`);

/** Containers whose dependencies are done, round by round: what is left over waits for itself. */
const checkOrder = (containers: readonly ContainerSpec[]): void => {
  const done = new Set<string>();
  for (let round = 0; round < containers.length; round += 1) {
    for (const { name, dependsOn } of containers) if (dependsOn.every((d) => done.has(d.containerName))) done.add(name);
  }
  const stuck = containers.filter(({ name }) => !done.has(name)).map(({ name }) => name);
  if (stuck.length > 0)
    throw fault(`containers ${stuck.join(', ')} depend on each other or on a container that does not exist`);
};

const checkTask = ({ containers, volumes }: Pick<TaskSpec, 'containers' | 'volumes'>): void => {
  if (containers.length === 0) throw fault('a job needs at least one container');
  if (!containers.some(({ essential }) => essential)) throw fault('at least one container must be essential');
  const names = new Set(containers.map(({ name }) => name));
  if (names.size !== containers.length) throw fault('container names must not repeat');
  for (const { name, mounts } of containers) {
    const missing = mounts.find(({ volume }) => !volumes.includes(volume));
    if (missing) throw fault(`container ${name} mounts the volume ${missing.volume}, which does not exist`);
  }
  checkOrder(containers);
};

const readExitRule = (fields: Fields): ExitRule => {
  const action = fields.requiredText('action').toUpperCase();
  if (action !== 'RETRY' && action !== 'EXIT') throw fields.refuse('action', `must be RETRY or EXIT, got ${action}`);
  const texts = (['onExitCode', 'onReason', 'onStatusReason'] as const).flatMap((name) => {
    const value = fields.text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { action, ...Object.fromEntries(texts) };
};

/** retryStrategy and timeout, which a definition and a job may both have. */
export const readLimits = (fields: Fields): Partial<Pick<TaskSpec, 'attempts' | 'exitRules' | 'timeoutSeconds'>> => {
  const retry = fields.object('retryStrategy', (strategy) => ({
    attempts: strategy.integer('attempts', { min: 1, max: 10 }) ?? 1,
    exitRules: strategy.list('evaluateOnExit', readExitRule) ?? [],
  }));
  const timeoutSeconds = fields.object('timeout', (timeout) =>
    timeout.integer('attemptDurationSeconds', { min: 60, max: 2 ** 31 }),
  );
  return { ...retry, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) };
};

/** Reads a job definition in the API's spelling. @throws AwsError ClientException naming what is wrong or not supported */
export const readDefinition = (input: Plain): { readonly name: string | undefined; readonly spec: TaskSpec } => {
  const { single, tasks, name, parameters, limits } = readFields(input, { code: 'ClientException' }, (fields) => {
    fields.choice('type', ['container']);
    fields.ignore('every job runs on this machine', 'platformCapabilities');
    fields.ignore('no operation here reads tags back', 'propagateTags', 'tags');
    fields.ignore('jobs start in the order that they came', 'schedulingPriority');
    return {
      single: fields.object('containerProperties', readSingle),
      tasks: fields.object('ecsProperties', (ecs) => ecs.list('taskProperties', readTask)),
      name: fields.text('jobDefinitionName'),
      parameters: fields.textMap('parameters') ?? {},
      limits: readLimits(fields),
    };
  });
  if ((single === undefined) === (tasks === undefined))
    throw fault('exactly one of containerProperties and ecsProperties is required');
  if (tasks && tasks.length !== 1) throw fault('ecsProperties must hold exactly one task');
  const task = single ?? tasks?.[0];
  if (!task) throw fault('ecsProperties must hold exactly one task');
  checkTask(task);
  return {
    name,
    spec: { multi: single === undefined, parameters, attempts: 1, exitRules: [], ...task, ...limits },
  };
};
