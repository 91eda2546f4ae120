import { afterAll, beforeAll, expect, it } from 'vitest';
import { aRun, logMetrics, point, wholeHistory } from '../helpers/tracked-runs.ts';
import { newWorkspace } from '../helpers/tracking-subjects.ts';
import { type SentCall, startTrackingTable, type TrackingTable } from '../helpers/tracking-table.ts';

/** What logging to a run costs a process that remembers it, on the embedded DynamoDB. */

let table: TrackingTable;
beforeAll(async () => {
  table = await startTrackingTable();
});
afterAll(() => table.stop());

it('logging to a run takes one write alone, a read before it while others write the same run, and never a refused write for long', async () => {
  const workspace = newWorkspace();
  const calls: SentCall[] = [];
  let attempts = 0;
  const metered = table.meteredClient(calls);
  const send = metered.send.bind(metered);
  metered.send = ((command: Parameters<typeof send>[0]) => {
    attempts += 1;
    return send(command);
  }) as typeof metered.send;
  const [store, other] = [table.open(workspace, metered), table.open(workspace)];
  await store.createRun(aRun('a'));
  let step = 0;
  const log = async (by: typeof store) => {
    step += 1;
    await logMetrics(by, 'a', [point('loss', step, step, step)]);
  };
  const costOf = async (work: () => Promise<unknown>) => {
    calls.length = 0;
    attempts = 0;
    await work();
    return [attempts, ...calls.map(({ operation }) => operation)];
  };
  // Beyond the writes after which a run is hot and its entries stay.
  for (let i = 0; i < 12; i += 1) await log(store);

  const alone = await costOf(() => log(store));
  for (let i = 0; i < 4; i += 1) {
    await log(other);
    await log(store);
  }
  await log(other);
  const among = await costOf(() => log(store));
  for (let i = 0; i < 12; i += 1) await log(store);
  const aloneAgain = await costOf(() => log(store));

  expect(alone).toEqual([1, 'TransactWriteItemsCommand']);
  expect(among).toEqual([2, 'GetItemCommand', 'TransactWriteItemsCommand']);
  expect(aloneAgain).toEqual([1, 'TransactWriteItemsCommand']);
  expect(await wholeHistory(other, 'a', 'loss')).toHaveLength(step);
});
