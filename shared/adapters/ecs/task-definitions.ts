import { createHash } from 'node:crypto';
import {
  type ContainerDefinition,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { pinnedFamilyName } from '../../contracts/names.ts';
import { readTasksLabel, TASKS_LABEL, type TaskRange } from '../../contracts/service-tasks.ts';
import { assert } from '../../kernel/assert.ts';
import { type ServiceClients, translate } from './clients.ts';

/** The code that a pinned definition was made from, on its container. */
const CODE_LABEL = 'millrace.code';

type Environment = Readonly<Record<string, string>>;

/** What a service runs, or what a deploy brought. */
export interface Definition {
  readonly arn: string;
  /** The revision's number, which is what we call the version. */
  readonly version: string;
  readonly environment: Environment;
  /** Of what was deployed, or of what a pinned one was made from; undefined for the one without a model. */
  readonly codeSha256: string | undefined;
  /** How many tasks of it a slot runs while it serves. */
  readonly tasks: TaskRange;
  readonly whole: TaskDefinition;
}

export const versionIn = (definitionArn: string): string => definitionArn.slice(definitionArn.lastIndexOf(':') + 1);

const containerOf = ({ containerDefinitions }: TaskDefinition): ContainerDefinition => {
  const container = containerDefinitions?.[0];
  assert(container !== undefined, 'a task definition of ours has a container');
  return container;
};

/**
 * Everything that runs, and how much of it, but for what pins a model: two deploys that bring the same have the same.
 */
const codeOf = (definition: TaskDefinition): string => {
  const container = containerOf(definition);
  const { image, command, environment = [], stopTimeout, logConfiguration, portMappings } = container;
  const { cpu, memory, runtimePlatform, taskRoleArn, executionRoleArn } = definition;
  const variables = environment.map(({ name = '', value = '' }) => `${name}=${value}`).sort();
  const parts = [image, command, variables, stopTimeout, logConfiguration?.options, portMappings?.[0]?.containerPort];
  const tasks = container.dockerLabels?.[TASKS_LABEL];
  const code = [...parts, tasks, cpu, memory, runtimePlatform?.cpuArchitecture, taskRoleArn, executionRoleArn];
  return createHash('sha256').update(JSON.stringify(code)).digest('hex');
};

/** @param reference a family, which means its newest revision, or an ARN */
export const readDefinition = async ({ ecs }: ServiceClients, reference: string): Promise<Definition> => {
  const { taskDefinition: whole } = await ecs
    .send(new DescribeTaskDefinitionCommand({ taskDefinition: reference }))
    .catch(translate);
  assert(whole?.taskDefinitionArn !== undefined, `ECS answered without a task definition for ${reference}`);
  const { environment = [], dockerLabels = {} } = containerOf(whole);
  const isPinned = whole.family !== undefined && /^millrace-[a-z0-9]+-pinned-/.test(whole.family);
  return {
    arn: whole.taskDefinitionArn,
    version: versionIn(whole.taskDefinitionArn),
    environment: Object.fromEntries(environment.map(({ name = '', value = '' }) => [name, value])),
    codeSha256: isPinned ? dockerLabels[CODE_LABEL] : codeOf(whole),
    tasks: readTasksLabel(dockerLabels[TASKS_LABEL]),
    whole,
  };
};

/** Registers what was deployed once more, with this environment. @returns the ARN */
export const registerPinned = async (
  { ecs }: ServiceClients,
  serviceName: string,
  { whole, codeSha256 = '' }: Definition,
  environment: Environment,
): Promise<string> => {
  const container = containerOf(whole);
  const { networkMode, requiresCompatibilities, cpu, memory, runtimePlatform, taskRoleArn, executionRoleArn } = whole;
  const { taskDefinition } = await ecs
    .send(
      new RegisterTaskDefinitionCommand({
        family: pinnedFamilyName(serviceName),
        networkMode,
        requiresCompatibilities,
        cpu,
        memory,
        runtimePlatform,
        taskRoleArn,
        executionRoleArn,
        containerDefinitions: [
          {
            ...container,
            environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
            dockerLabels: { ...container.dockerLabels, [CODE_LABEL]: codeSha256 },
          },
        ],
      }),
    )
    .catch(translate);
  assert(taskDefinition?.taskDefinitionArn !== undefined, 'ECS registered without an ARN');
  return taskDefinition.taskDefinitionArn;
};
