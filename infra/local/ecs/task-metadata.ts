import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Task, TaskDefinition } from './records.ts';
import { nameIn } from './records.ts';

/**
 * What ECS tells a task of itself, at an address in its environment.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
 */
export interface TaskMetadata {
  /** @returns the variables that say where. */
  environment(taskId: string): Promise<Readonly<Record<'ECS_CONTAINER_METADATA_URI_V4', string>>>;
  stop(): Promise<void>;
}

interface Known {
  readonly task: Task;
  readonly definition: TaskDefinition;
}

const showMetadata = ({ task, definition }: Known) => ({
  Cluster: nameIn(task.clusterArn),
  ServiceName: task.serviceName,
  TaskARN: task.arn,
  Family: definition.family,
  Revision: String(definition.revision),
  DesiredStatus: 'RUNNING',
  KnownStatus: task.lastStatus,
  LaunchType: 'FARGATE',
  Containers: [{ Name: definition.container.name, Image: definition.container.image }],
});

/** It listens from the first task on. */
export const createTaskMetadata = (find: (taskId: string) => Known | undefined): TaskMetadata => {
  let listening: Promise<Server> | undefined;
  const listen = (): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((request, response) => {
        const [, taskId = ''] = /^\/v4\/([^/]+)\/task$/.exec(request.url ?? '') ?? [];
        const known = find(taskId);
        response.writeHead(known === undefined ? 404 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(known === undefined ? { error: 'no such task' } : showMetadata(known)));
      });
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server));
    });
  return {
    environment: async (taskId) => {
      listening ??= listen();
      const { port } = (await listening).address() as AddressInfo;
      return { ECS_CONTAINER_METADATA_URI_V4: `http://127.0.0.1:${port}/v4/${taskId}` };
    },
    stop: async () => {
      const server = await listening;
      if (server === undefined) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
