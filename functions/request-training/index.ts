import { readFileSync } from 'node:fs';
import { createAlarmReader } from '../../shared/adapters/cloudwatch/alarm-reader.ts';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createOneTimeScheduler, createSchedulerClient } from '../../shared/adapters/scheduler/one-time-scheduler.ts';
import { createExecutionStarter, createStatesClient } from '../../shared/adapters/states/execution-starter.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';
import { openStores } from './open-stores.ts';

const env = readEnv(['STAGE', 'REGISTRY_TABLE', 'EVENT_BUS_NAME', 'SCHEDULE_GROUP', 'SCHEDULER_ROLE_ARN']);
const schedules = { groupName: env.SCHEDULE_GROUP, roleArn: env.SCHEDULER_ROLE_ARN };

export const handler = createHandler({
  stage: env.STAGE,
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  ...openStores(env.REGISTRY_TABLE),
  executions: createExecutionStarter(createStatesClient()),
  scheduler: createOneTimeScheduler({ client: createSchedulerClient(), ...schedules }),
  events: createEventPublisher({ client: createEventBridgeClient(), eventBusName: env.EVENT_BUS_NAME }),
  alarms: createAlarmReader(),
  clock: { nowMs: () => Date.now() },
});
