import { errorFields, logLine } from '../../../shared/kernel/log.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const LIMIT_MS = 2_000;

/**
 * The version that captures name, where a function names its published one: of a task on ECS the revision of its task
 * definition, which ECS tells the task alone.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
 * @returns undefined elsewhere, and where it is not told: captures then do without.
 */
export const readServerVersion = async (env: Environment): Promise<string | undefined> => {
  const { SERVER_VERSION, ECS_CONTAINER_METADATA_URI_V4: endpoint } = env;
  if (SERVER_VERSION || !endpoint) return SERVER_VERSION || undefined;
  try {
    const response = await fetch(`${endpoint}/task`, { signal: AbortSignal.timeout(LIMIT_MS) });
    const { Revision } = (await response.json()) as { readonly Revision?: unknown };
    if (typeof Revision === 'string' && Revision !== '') return Revision;
    throw new Error(`the task's metadata name no revision (status ${response.status})`);
  } catch (error) {
    logLine('warn', 'the version of this server is not known', errorFields(error));
    return undefined;
  }
};
