import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createExecutionStarter } from '../../../../../shared/adapters/states/execution-starter.ts';

const client = mockClient(SFNClient);
const starter = createExecutionStarter(new SFNClient({ region: 'us-east-1' }));
const REQUEST = { stateMachineArn: 'arn:machine', name: 'call-1', input: { model: 'toy' } };

beforeEach(() => client.reset());

describe('the execution starter', () => {
  it('reports a name that was used before, rather than failing', async () => {
    client
      .on(StartExecutionCommand)
      .resolvesOnce({})
      .rejects(new ExecutionAlreadyExists({ message: 'x', $metadata: {} }));

    expect(await starter.start(REQUEST)).toBe('started');
    expect(await starter.start(REQUEST)).toBe('exists');
  });

  it('reports a throttle as something to try again', async () => {
    client.on(StartExecutionCommand).rejects(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));

    await expect(starter.start(REQUEST)).rejects.toMatchObject({ name: 'UnavailableError' });
  });
});
