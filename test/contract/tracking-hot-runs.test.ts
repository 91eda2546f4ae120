import { afterAll, beforeAll, expect, it } from 'vitest';
import { aRun, ending, logMetrics, point } from '../helpers/tracked-runs.ts';
import { newWorkspace } from '../helpers/tracking-subjects.ts';
import { type SentCall, startTrackingTable, type TrackingTable } from '../helpers/tracking-table.ts';

/** A run is one item, and two while it is hot: what it costs to read, and what a change between the two means. */

let table: TrackingTable;
beforeAll(async () => {
  table = await startTrackingTable();
});
afterAll(() => table.stop());

const many = (value: number, atMs: number) => Array.from({ length: 45 }, (_, i) => point(`m${i}`, value, atMs, atMs));

it('a search reads one item of a run, and of a hot one two', async () => {
  const workspace = newWorkspace();
  const other = table.open(workspace);
  for (const runId of ['cold', 'hot', 'cooled']) await other.createRun(aRun(runId));
  await logMetrics(other, 'cold', [point('m0', 1)]);
  for (const runId of ['hot', 'cooled']) await logMetrics(other, runId, many(2, 1));
  await other.changeRun('cooled', ending());
  const calls: SentCall[] = [];
  const { index } = table.open(workspace, table.meteredClient(calls));

  const runs = await index.readRuns(['cold', 'hot', 'cooled', 'missing']);

  expect(runs.map(({ info, metrics }) => [info.runId, metrics.m0?.value])).toEqual([
    ['cold', 1],
    ['hot', 2],
    ['cooled', 2],
  ]);
  expect(calls.map(({ capacityUnits }) => capacityUnits)).toEqual([4, 1]);
});

it('a run that cools down between the reads of its two items is read whole', async () => {
  const workspace = newWorkspace();
  const other = table.open(workspace);
  await other.createRun(aRun('a'));
  await logMetrics(other, 'a', many(1, 1));
  let readCount = 0;
  const client = table.watchedClient(async (command, send) => {
    if (command.constructor.name === 'BatchGetItemCommand') {
      readCount += 1;
      if (readCount === 2) await other.changeRun('a', ending('KILLED'));
    }
    return send();
  });

  const [run] = await table.open(workspace, client).index.readRuns(['a']);

  expect(run).toMatchObject({ info: { status: 'KILLED' }, metrics: { m44: { value: 1 } } });
  expect(readCount).toBe(3);
});

it('a run that is cold and hot again is not taken for what a process remembers of it', async () => {
  const workspace = newWorkspace();
  const [one, other] = [table.open(workspace), table.open(workspace)];
  await one.createRun(aRun('a'));
  await logMetrics(one, 'a', many(1, 1));

  await other.changeRun('a', ending());
  await logMetrics(other, 'a', many(2, 2));
  await logMetrics(one, 'a', [point('late', 3, 3, 3)]);

  const { info, metrics } = await other.getRun('a');
  expect(info.status).toBe('FINISHED');
  expect([metrics.m0?.value, metrics.m44?.value, metrics.late?.value]).toEqual([2, 2, 3]);
});

it('a write of metrics meets a run that became hot, or is no more, since it was seen', async () => {
  const workspace = newWorkspace();
  const [one, other] = [table.open(workspace), table.open(workspace)];
  await one.createRun(aRun('a'));
  let atMs = 0;
  // Out of date each time, so that in the end it reads before it writes: of both kinds of run.
  for (let round = 0; round < 5; round += 1) {
    atMs += 10;
    await logMetrics(other, 'a', many(round, atMs));
    await logMetrics(one, 'a', [point('hot', round, atMs)]);
    await other.changeRun('a', ending(round % 2 === 0 ? 'FINISHED' : 'FAILED'));
    await logMetrics(one, 'a', [point('cold', round, atMs)]);
  }

  const { metrics } = await other.getRun('a');
  expect([metrics.hot?.value, metrics.cold?.value, metrics.m44?.value]).toEqual([4, 4, 4]);
});
