import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsError, type ServiceContext } from '../contracts.ts';
import { requireTrust } from '../iam/require-trust.ts';
import type { ChildRegistry } from '../jobs/child-registry.ts';
import { jobEnvironment } from '../jobs/job-environment.ts';
import { type LocalImages, requireImage } from '../jobs/local-images.ts';
import { type ProcessExit, type RunningProcess, runProcess } from '../jobs/run-process.ts';
import type { TaskDefinition } from './records.ts';
import type { TaskMetadata } from './task-metadata.ts';
import type { TaskTime } from './task-time.ts';

export interface TaskRunner {
  /** Starts what stands for the container. @throws AwsError when nothing does, or a role may not */
  start(taskId: string, definition: TaskDefinition): Promise<RunningTask>;
}

export interface RunningTask extends Pick<RunningProcess, 'stop' | 'kill'> {
  /** Where it listens, if it does. */
  readonly port: number | undefined;
  readonly exited: Promise<ProcessExit>;
}

interface Deps {
  readonly context: ServiceContext;
  readonly images: LocalImages;
  readonly children: ChildRegistry;
  readonly metadata: Pick<TaskMetadata, 'environment'>;
  readonly time: TaskTime;
}

/** A port of this machine that nobody listens on now. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/**
 * Containers of AWS have an address each; here they share this machine's. A free port stands for the container's, and
 * the variable `PORT`, which must hold the container's port, tells the program so.
 */
const listening = async ({ container }: TaskDefinition): Promise<Readonly<Record<string, string>>> => {
  const { port, environment, name } = container;
  if (port === undefined) return {};
  if (environment.PORT !== String(port)) {
    throw new AwsError(
      'ClientException',
      `container ${name} must take its port from the variable PORT, which must be ${port} as in its port mapping, got ${environment.PORT ?? 'none'}`,
    );
  }
  return { PORT: String(await freePort()), HOST: '127.0.0.1' };
};

/** The execution role writes the log and pulls the image. @throws AwsError */
const requireExecutionRole = ({ access, region, accountId, partition }: ServiceContext, definition: TaskDefinition) => {
  const { executionRoleArn, container } = definition;
  if (executionRoleArn === undefined || container.logs === undefined) return;
  const { group, streamPrefix } = container.logs;
  const stream = `arn:${partition}:logs:${region}:${accountId}:log-group:${group}:log-stream:${streamPrefix}/${container.name}/x`;
  for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents'])
    access.require({ principal: { arn: executionRoleArn, accessKeyId: '' }, action, resource: stream });
};

const requireRoles = (context: ServiceContext, definition: TaskDefinition): void => {
  for (const arn of [definition.taskRoleArn, definition.executionRoleArn]) {
    if (arn === undefined) continue;
    const refusal = new AwsError('ClientException', `ECS was unable to assume the role '${arn}'.`);
    requireTrust(context.access, { arn, service: 'ecs-tasks.amazonaws.com', refusal });
  }
  requireExecutionRole(context, definition);
};

/** Runs tasks as child processes. */
export const createTaskRunner = ({ context, images, children, metadata, time }: Deps): TaskRunner => ({
  start: async (taskId, definition) => {
    const { container, taskRoleArn } = definition;
    const image = requireImage(images, container.image);
    // It would answer nobody: there is no network inside this process.
    if (typeof image === 'function')
      throw new AwsError('ClientException', `image ${container.image} must be a command to run as a service`);
    requireRoles(context, definition);
    const listens = await listening(definition);
    time.tell();
    const cwd = await mkdtemp(join(tmpdir(), 'millrace-ecs-'));
    const env = {
      ...(await jobEnvironment(context, taskRoleArn, `ecs-${taskId}`)),
      ...(await metadata.environment(taskId)),
      ...time.environment(image),
      ...container.environment,
      ...listens,
    };
    const { logs, name } = container;
    const onLine = (message: string): void => {
      if (logs === undefined) return;
      const logStream = `${logs.streamPrefix}/${name}/${taskId}`;
      context.ports.putLogLine({ logGroup: logs.group, logStream, atMs: context.clock.nowMs(), message });
    };
    const started = runProcess({
      image,
      arguments: container.command,
      cwd,
      env,
      onLine,
      clock: context.clock,
      children,
    });
    const exited = started.exited.finally(() => rm(cwd, { recursive: true, force: true }));
    const { PORT } = listens as { readonly PORT?: string };
    return { port: PORT === undefined ? undefined : Number(PORT), exited, stop: started.stop, kill: started.kill };
  },
});
