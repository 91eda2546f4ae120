import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudWatchAccess } from '../../../../../infra/local/cloudwatch/access.ts';
import { createCloudWatchService } from '../../../../../infra/local/cloudwatch/service.ts';
import { AwsError } from '../../../../../infra/local/contracts.ts';
import { dynamoDbAccess } from '../../../../../infra/local/dynamodb/access.ts';
import { createDynamoDbService } from '../../../../../infra/local/dynamodb/service.ts';
import { eventsAccess } from '../../../../../infra/local/events/access.ts';
import { createEventsService } from '../../../../../infra/local/events/service.ts';
import { firehoseAccess } from '../../../../../infra/local/firehose/access.ts';
import { createFirehoseService } from '../../../../../infra/local/firehose/service.ts';
import { guardOperations } from '../../../../../infra/local/iam/guard.ts';
import { batchAccess } from '../../../../../infra/local/jobs/batch/access.ts';
import { createBatchService } from '../../../../../infra/local/jobs/batch.ts';
import { sageMakerAccess } from '../../../../../infra/local/jobs/sagemaker/access.ts';
import { createSageMakerService } from '../../../../../infra/local/jobs/sagemaker.ts';
import { kmsAccess } from '../../../../../infra/local/kms/access.ts';
import { createKmsService } from '../../../../../infra/local/kms/service.ts';
import { logsAccess } from '../../../../../infra/local/logs/access.ts';
import { createLogsService } from '../../../../../infra/local/logs/service.ts';
import { schedulerAccess } from '../../../../../infra/local/scheduler/access.ts';
import { createSchedulerService } from '../../../../../infra/local/scheduler/service.ts';
import { snsAccess } from '../../../../../infra/local/sns/access.ts';
import { createSnsService } from '../../../../../infra/local/sns/service.ts';
import { sqsAccess } from '../../../../../infra/local/sqs/access.ts';
import { createSqsService } from '../../../../../infra/local/sqs/service.ts';
import { ssmAccess } from '../../../../../infra/local/ssm/access.ts';
import { createSsmService } from '../../../../../infra/local/ssm/service.ts';
import { statesAccess } from '../../../../../infra/local/states/access.ts';
import { createStatesService } from '../../../../../infra/local/states/service.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

const IDENTITY = { region: 'us-east-1', accountId: '000000000000', partition: 'aws' } as const;
const none = () => undefined;

const RULES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  batch: batchAccess(IDENTITY),
  dynamodb: dynamoDbAccess({ identity: IDENTITY, findTable: none }),
  events: eventsAccess(IDENTITY, none),
  firehose: firehoseAccess(IDENTITY),
  kms: kmsAccess(none, none),
  logs: logsAccess(IDENTITY),
  monitoring: cloudWatchAccess(IDENTITY),
  sagemaker: sageMakerAccess(IDENTITY),
  scheduler: schedulerAccess(IDENTITY),
  sns: snsAccess(IDENTITY, none),
  sqs: sqsAccess(IDENTITY, none),
  ssm: ssmAccess(IDENTITY),
  states: statesAccess(IDENTITY),
};

describe('every operation', () => {
  let local: StartedService;
  beforeAll(async () => {
    local = await startLocalService([
      (context) => createBatchService(context, {}),
      (context) => createDynamoDbService(context),
      createEventsService,
      createFirehoseService,
      createKmsService,
      createLogsService,
      createCloudWatchService,
      (context) => createSageMakerService(context, {}),
      createSchedulerService,
      createSnsService,
      createSqsService,
      createSsmService,
      (context) => createStatesService(context),
    ]);
  });
  afterAll(() => local.stop());

  it.each(Object.keys(RULES))('of %s has a rule that says what it needs', async (signingName) => {
    const service = local.services.find((one) => one.signingName === signingName);
    const operations = (await service?.handle.operations?.()) ?? [];
    const withoutRule = operations
      .map(({ name }) => name.split('?')[0] ?? name)
      .filter((name) => RULES[signingName]?.[name] === undefined);

    expect(operations.length).toBeGreaterThan(0);
    expect(withoutRule).toEqual([]);
  });
});

it('closes an operation whose rule was forgotten', () => {
  const asked: string[] = [];
  const access = {
    require: ({ action }: { readonly action: string }) => {
      asked.push(action);
      throw new AwsError('AccessDeniedException', 'no');
    },
  };
  const { New } = guardOperations({ access, service: 'sqs' }, {}, { New: () => 'done' });

  expect(() => New?.({}, { caller: { arn: 'role', accessKeyId: 'k' } } as never)).toThrow('no');
  expect(asked).toEqual(['sqs:New']);
});
