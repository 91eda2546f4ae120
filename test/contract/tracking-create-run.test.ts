import { afterAll, beforeAll, expect, it } from 'vitest';
import { realPacing } from '../../shared/adapters/dynamodb/contention.ts';
import { createTrackingStore } from '../../shared/adapters/dynamodb/tracking/tracking-store.ts';
import type { Experiment } from '../../shared/core/tracking/index.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import { anExperiment, aRun } from '../helpers/tracked-runs.ts';
import { newWorkspace } from '../helpers/tracking-subjects.ts';
import { type SentCall, startTrackingTable, type TrackingTable } from '../helpers/tracking-table.ts';

/** What creating runs costs, and what an experiment's end means to processes that know it active. */

let table: TrackingTable;
beforeAll(async () => {
  table = await startTrackingTable();
});
afterAll(() => table.stop());

const runIn = (experimentId: string, runId: string) => aRun(runId, { info: { experimentId } });
const setStage = (store: TrackingStore, lifecycleStage: Experiment['lifecycleStage']) =>
  store.changeExperiment('1', (experiment) => ({ ...experiment, lifecycleStage }));
const refused = { name: 'InvalidRequestError', message: expect.stringContaining("must be in the 'active' state") };

it('creates a run by one call of six units in an experiment that the process has read once', async () => {
  const workspace = newWorkspace();
  await table.open(workspace).createExperiment(anExperiment('1', { artifactLocation: 's3://bucket/one' }));
  const calls: SentCall[] = [];
  const store = table.open(workspace, table.meteredClient(calls));

  const experiment = await store.experimentForRun('1');
  await store.createRun(runIn('1', 'a'));
  const first = calls.splice(0);
  await store.experimentForRun('1');
  await store.createRun(runIn('1', 'b'));

  expect(experiment.artifactLocation).toBe('s3://bucket/one');
  expect(first.map(({ operation }) => operation)).toEqual(['GetItemCommand', 'TransactWriteItemsCommand']);
  expect(calls).toEqual([{ operation: 'TransactWriteItemsCommand', capacityUnits: 6 }]);
});

it('reads an experiment no more that it has found by its name', async () => {
  const workspace = newWorkspace();
  await table.open(workspace).createExperiment(anExperiment('1', { name: 'known' }));
  const calls: SentCall[] = [];
  const store = table.open(workspace, table.meteredClient(calls));

  await store.findExperiment('known');
  calls.length = 0;
  await store.createRun(runIn('1', 'a'));

  expect(calls.map(({ operation }) => operation)).toEqual(['TransactWriteItemsCommand']);
});

it('creates no run where another process deleted the experiment, and again once it is restored', async () => {
  const workspace = newWorkspace();
  const other = table.open(workspace);
  let drawn = 0;
  const { client, table: name, values, clock } = table;
  const pacing = { ...realPacing, random: () => drawn };
  const one = createTrackingStore({ client, table: name, values, workspace, clock, pacing });
  await one.createExperiment(anExperiment('1'));
  await one.createRun(runIn('1', 'before'));

  // Every gate is closed, the first and the last; a store that has seen the refusal would not even try.
  for (drawn of [0, 0.5, 0.97, 0.999]) {
    await setStage(one, 'active');
    await setStage(other, 'deleted');
    await expect(one.createRun(runIn('1', `between-${drawn}`))).rejects.toMatchObject(refused);
  }
  drawn = 0;
  await setStage(other, 'active');
  await one.createRun(runIn('1', 'after'));

  const { headers } = await other.index.headers({ experimentId: '1', limit: 100 });
  expect(headers.map(({ runId }) => runId).toSorted()).toEqual(['after', 'before']);
});

it('goes on where the experiment was deleted and restored while a process thought of it', async () => {
  const workspace = newWorkspace();
  const other = table.open(workspace);
  await other.createExperiment(anExperiment('1'));
  let restored = false;
  const client = table.watchedClient(async (command, send) => {
    const refusal = command.constructor.name === 'TransactWriteItemsCommand' && !restored;
    if (refusal) await setStage(other, 'deleted');
    const answer = await send().catch((error: unknown) => error);
    if (refusal) {
      await setStage(other, 'active');
      restored = true;
    }
    if (answer instanceof Error) throw answer;
    return answer;
  });

  await table.open(workspace, client).createRun(runIn('1', 'a'));

  expect((await other.getRun('a')).info.lifecycleStage).toBe('active');
});

it('leaves the gates alone when the experiment is renamed', async () => {
  const calls: SentCall[] = [];
  const store = table.open(newWorkspace(), table.meteredClient(calls));
  await store.createExperiment(anExperiment('1'));
  calls.length = 0;

  await store.changeExperiment('1', (experiment) => ({ ...experiment, name: 'renamed' }));

  expect(calls.at(-1)?.capacityUnits).toBe(6);
});
