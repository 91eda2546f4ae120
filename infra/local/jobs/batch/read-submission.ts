import { AwsError } from '../../contracts.ts';
import { type Fields, readFields } from '../../protocols/fields.ts';
import { readLimits } from './read-definition.ts';
import type { ContainerSpec, TaskSpec } from './records.ts';

interface ContainerOverride {
  readonly name?: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly resources: Readonly<Record<string, string>>;
}

export interface Submission {
  readonly jobName: string;
  readonly jobQueue: string;
  readonly jobDefinition: string;
  readonly dependsOn: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly apply: (spec: TaskSpec) => TaskSpec;
}

const readOverride = (fields: Fields): ContainerOverride => {
  fields.ignore('a child process stands for the container', 'vcpus', 'memory', 'instanceType');
  const command = fields.texts('command');
  const name = fields.text('name');
  const list = (member: string, key: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      fields.list(member, (item) => [item.requiredText(key), item.text('value') ?? ''] as const) ?? [],
    );
  return {
    ...(name === undefined ? {} : { name }),
    ...(command === undefined ? {} : { command }),
    environment: list('environment', 'name'),
    resources: list('resourceRequirements', 'type'),
  };
};

const override = (container: ContainerSpec, change: ContainerOverride): ContainerSpec => ({
  ...container,
  command: change.command ?? container.command,
  environment: { ...container.environment, ...change.environment },
  resources: { ...container.resources, ...change.resources },
});

const applyOverrides = (
  spec: TaskSpec,
  single: ContainerOverride | undefined,
  members: readonly ContainerOverride[],
): TaskSpec => {
  const fault = (why: string): AwsError => new AwsError('ClientException', why);
  if (single && spec.multi)
    throw fault('containerOverrides do not fit a job definition with ecsProperties: use ecsPropertiesOverride');
  if (members.length > 0 && !spec.multi)
    throw fault('ecsPropertiesOverride does not fit a job definition with containerProperties');
  const unknown = members.find(({ name }) => !spec.containers.some((container) => container.name === name));
  if (unknown)
    throw fault(`ecsPropertiesOverride names the container ${unknown.name ?? '(none)'}, which does not exist`);
  const containers = spec.containers.map((container) => {
    const change = single ?? members.find(({ name }) => name === container.name);
    return change ? override(container, change) : container;
  });
  return { ...spec, containers };
};

/** Reads a SubmitJob. @throws AwsError ClientException naming what is wrong or not supported */
export const readSubmission = (input: Readonly<Record<string, unknown>>): Submission =>
  readFields(input, { code: 'ClientException' }, (fields) => {
    fields.ignore('no operation here reads tags of tasks', 'propagateTags');
    fields.ignore('jobs start in the order that they came', 'schedulingPriorityOverride');
    const single = fields.object('containerOverrides', readOverride);
    const members = fields.object('ecsPropertiesOverride', (ecs) =>
      ecs.list('taskProperties', (task) => task.list('containers', readOverride) ?? []),
    );
    const limits = readLimits(fields);
    const parameters = fields.textMap('parameters') ?? {};
    return {
      jobName: fields.requiredText('jobName'),
      jobQueue: fields.requiredText('jobQueue'),
      jobDefinition: fields.requiredText('jobDefinition'),
      dependsOn:
        fields.list('dependsOn', (dependency) => {
          if (dependency.text('type') !== undefined)
            throw dependency.refuse('type', 'belongs to array jobs, which are not supported here');
          return dependency.requiredText('jobId');
        }) ?? [],
      tags: fields.textMap('tags') ?? {},
      apply: (spec) => ({
        ...applyOverrides(spec, single, members?.flat() ?? []),
        ...limits,
        parameters: { ...spec.parameters, ...parameters },
      }),
    };
  });
