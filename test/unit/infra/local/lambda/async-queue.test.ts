import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, onTestFinished, test } from 'vitest';
import type { DeliveryFault } from '../../../../../infra/local/contracts.ts';
import { startMappingBench } from '../../../../helpers/mapping-bench.ts';

const start = async (faults: readonly DeliveryFault[]) => {
  let asked = 0;
  const bench = await startMappingBench({
    work: () => undefined,
    faults: { delivery: () => faults[asked++] },
  });
  onTestFinished(() => bench.stop());
  await bench.createFunction();
  const client = new LambdaClient(bench.clientConfig);
  await client.send(new InvokeCommand({ FunctionName: 'consume', InvocationType: 'Event', Payload: '{}' }));
  const runsAt = async (afterMs: number): Promise<number> => {
    await bench.clock.advanceBy(afterMs);
    return bench.events.length;
  };
  return runsAt;
};

test('runs an asynchronous event once', async () => {
  const runsAt = await start([]);

  expect([await runsAt(0), await runsAt(600_000)]).toEqual([1, 1]);
});

test('runs an event twice that is delivered twice', async () => {
  const runsAt = await start([{ kind: 'duplicate' }]);

  expect([await runsAt(0), await runsAt(600_000)]).toEqual([2, 2]);
});

test('runs a delayed event later, and once', async () => {
  const runsAt = await start([{ kind: 'delay', delayMs: 5_000 }]);

  expect([await runsAt(4_000), await runsAt(1_000), await runsAt(600_000)]).toEqual([0, 1, 1]);
});

test('tries a refused event again with pauses of one, two, four seconds, and counts no failure', async () => {
  const runsAt = await start([{ kind: 'reject' }, { kind: 'reject' }, { kind: 'reject' }]);

  expect([await runsAt(6_000), await runsAt(1_000), await runsAt(600_000)]).toEqual([0, 1, 1]);
});
