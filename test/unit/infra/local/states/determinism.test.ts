import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { createSeededIds } from '../../../../../infra/local/simulation/seeded-ids.ts';
import { createSeededRandom } from '../../../../../infra/local/simulation/seeded-random.ts';
import { createStatesService } from '../../../../../infra/local/states/service.ts';
import { startLocalService } from '../../../../helpers/local-service.ts';
import { functionArn, invoke, TEST_ROLE } from '../../../../helpers/workflow.ts';

const RETRY = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 4, IntervalSeconds: 60, JitterStrategy: 'FULL' }];

const branch = (name: string): object => ({
  StartAt: name,
  States: { [name]: invoke('flaky', { Retry: RETRY, End: true }) },
});

/** Branches and children side by side, each with chance in it: jitter, ids and drawn numbers. */
const DEFINITION = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Both',
  States: {
    Both: { Type: 'Parallel', Branches: ['A', 'B', 'C'].map(branch), Next: 'Each' },
    Each: {
      Type: 'Map',
      Items: '{% $shuffle([1..6]) %}',
      MaxConcurrency: 2,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        ...branch('Item'),
      },
      Output: { items: '{% $states.result %}', id: '{% $uuid() %}', drawn: '{% $random() %}' },
      End: true,
    },
  },
});

/** Everything that the service keeps after a run under this seed. */
const runWith = async (seed: number): Promise<readonly unknown[]> => {
  const ids = createSeededIds(createSeededRandom(String(seed)));
  let calls = 0;
  const local = await startLocalService((context) => createStatesService({ ...context, ids }), {
    ports: {
      invokeFunction: async ({ functionName, payload }) => {
        calls += 1;
        expect(functionName).toBe(functionArn('flaky'));
        if (calls % 3 !== 0) return { statusCode: 200, executedVersion: '1', payload };
        return { statusCode: 200, executedVersion: '1', payload: '{"errorType":"E"}', functionError: 'Unhandled' };
      },
    },
  });
  const client = new SFNClient(local.clientConfig);
  const { stateMachineArn } = await client.send(
    new CreateStateMachineCommand({ name: 'm', definition: DEFINITION, roleArn: TEST_ROLE }),
  );
  await client.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  await local.clock.advanceBy(86_400_000);
  const tables = ['executions', 'history', 'map-runs', 'map-batches', 'checkpoints'].map((name) =>
    local.store.table(`states/${name}`).entries(),
  );
  await local.stop();
  return tables;
};

it('does the same again under the same seed, to the last id and millisecond', async () => {
  const first = await runWith(7);

  expect(first[0]).toHaveLength(7);
  expect(await runWith(7)).toEqual(first);
  expect(await runWith(8)).not.toEqual(first);
});
