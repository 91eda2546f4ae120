import { AwsError } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import type { ContainerSpec } from './records.ts';

const CHILD_PROCESS = 'a child process stands for the container';
const DEFAULT_STOP_SECONDS = 30;
/** Fargate's. */
const LONGEST_STOP_SECONDS = 120;

export interface ReadTaskDefinition {
  readonly family: string | undefined;
  readonly taskRoleArn: string | undefined;
  readonly executionRoleArn: string | undefined;
  readonly containers: readonly ContainerSpec[];
}

/** @throws AwsError unless there is one */
export const soleContainer = ({ containers }: ReadTaskDefinition): ContainerSpec => {
  const [container] = containers;
  if (container !== undefined && containers.length === 1) return container;
  throw new AwsError('ClientException', `containerDefinitions must hold one container here, got ${containers.length}`);
};

const readLogs = (fields: Fields): ContainerSpec['logs'] =>
  fields.object('logConfiguration', (one) => {
    one.choice('logDriver', ['awslogs']);
    const options = one.textMap('options') ?? {};
    const group = options['awslogs-group'];
    const streamPrefix = options['awslogs-stream-prefix'];
    if (group === undefined || streamPrefix === undefined)
      throw one.refuse('options', 'must name awslogs-group and awslogs-stream-prefix');
    return { group, streamPrefix };
  });

const readPort = (fields: Fields): number | undefined => {
  const ports = fields.list('portMappings', (one) => {
    one.choice('protocol', ['tcp']);
    one.ignore('no service here discovers others by name', 'name', 'appProtocol');
    one.ignore('a free port of this machine stands for the container port', 'hostPort');
    const port = one.integer('containerPort', { min: 1, max: 65_535 });
    if (port === undefined) throw one.refuse('containerPort', 'is required');
    return port;
  });
  if ((ports?.length ?? 0) > 1) throw fields.refuse('portMappings', 'must hold one port here');
  return ports?.[0];
};

const readContainer = (fields: Fields): ContainerSpec => {
  fields.ignore(
    CHILD_PROCESS,
    'cpu',
    'memory',
    'memoryReservation',
    'readonlyRootFilesystem',
    'linuxParameters',
    'ulimits',
    'user',
    'versionConsistency',
    'dockerLabels',
  );
  if (fields.flag('essential') === false) throw fields.refuse('essential', 'must be true of a single container');
  const name = fields.requiredText('name');
  return {
    name,
    image: fields.requiredText('image'),
    command: fields.texts('command') ?? [],
    environment: Object.fromEntries(
      fields.list('environment', (one) => [one.requiredText('name'), one.text('value') ?? ''] as const) ?? [],
    ),
    port: readPort(fields),
    stopTimeoutSeconds: fields.integer('stopTimeout', { min: 2, max: LONGEST_STOP_SECONDS }) ?? DEFAULT_STOP_SECONDS,
    logs: readLogs(fields),
  };
};

/** A task definition in the API's spelling, which templates are brought to: one container that a process stands for. */
export const readTaskDefinition = (fields: Fields): ReadTaskDefinition => {
  fields.ignore(CHILD_PROCESS, 'cpu', 'memory', 'runtimePlatform', 'ephemeralStorage');
  fields.ignore('no operation here reads tags back', 'tags');
  fields.choice('networkMode', ['awsvpc']);
  const compatibilities = fields.texts('requiresCompatibilities') ?? [];
  if (compatibilities.some((one) => one !== 'FARGATE'))
    throw fields.refuse('requiresCompatibilities', `must be FARGATE here, got ${compatibilities.join(', ')}`);
  return {
    family: fields.text('family'),
    taskRoleArn: fields.text('taskRoleArn'),
    executionRoleArn: fields.text('executionRoleArn'),
    containers: fields.list('containerDefinitions', readContainer) ?? [],
  };
};
