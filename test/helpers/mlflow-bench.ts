import { afterAll, beforeAll, beforeEach, describe, vi } from 'vitest';
import { createLoggedModelStore } from '../../shared/adapters/dynamodb/logged-models/logged-model-store.ts';
import { withMetrics, withRegistration } from '../../shared/core/logged-models/index.ts';
import { callServer, type MlflowCaller } from './mlflow-call.ts';
import { callTracking } from './tracking-routes.ts';
import { startTrackingTable, type TrackingTable } from './tracking-table.ts';

/** A tracking server under test, and short ways to what most tests need first. */
export interface MlflowBench {
  readonly call: MlflowCaller;
  /** A name that nothing else on the server has. */
  readonly unique: (name: string) => string;
  /** @returns the new experiment's id. */
  readonly experiment: (message?: Readonly<Record<string, unknown>>) => Promise<string>;
  /** @returns the new run's id. */
  readonly run: (experimentId?: string, message?: Readonly<Record<string, unknown>>) => Promise<string>;
  /** The run as `runs/get` has it. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field, by the tests
  readonly read: (runId: string) => Promise<any>;
}

let serial = 0;

const openBench = (call: MlflowCaller): MlflowBench => {
  const unique = (name: string): string => {
    serial += 1;
    return `${name} ${process.pid} ${performance.now()} ${serial}`;
  };
  const experiment: MlflowBench['experiment'] = async (message = {}) =>
    (await call('POST', '2.0/mlflow/experiments/create', { name: unique('experiment'), ...message })).body
      .experiment_id;
  return {
    call,
    unique,
    experiment,
    run: async (experimentId, message = {}) => {
      const experiment_id = experimentId ?? (await experiment());
      const created = await call('POST', '2.0/mlflow/runs/create', { experiment_id, start_time: 1_000, ...message });
      return created.body.run.info.run_id;
    },
    read: async (runId) => (await call('GET', '2.0/mlflow/runs/get', { run_id: runId })).body.run,
  };
};

/** `MLFLOW_URL` (with `MLFLOW_TOKEN`) names a server to be tested instead, whichever it is. */
const { MLFLOW_URL: url, MLFLOW_TOKEN: token } = process.env;
const onServer = (baseUrl: string): MlflowCaller =>
  callServer(baseUrl, token === undefined ? {} : { authorization: `Bearer ${token}` });

const describeOn = (name: string, open: () => MlflowCaller, suite: (bench: () => MlflowBench) => void): void => {
  describe(name, () => {
    let bench: MlflowBench;

    beforeAll(() => {
      bench = openBench(open());
    });

    beforeEach(() => {
      vi.spyOn(console, 'log').mockImplementation(() => {});
    });

    suite(() => bench);
  });
};

/** A suite over experiments and runs: on memory, and on the embedded DynamoDB, each in a workspace of its own. */
export const describeMlflow = (name: string, suite: (bench: () => MlflowBench) => void): void => {
  if (url !== undefined) {
    describeOn(`${name} of ${url}`, () => onServer(url), suite);
    return;
  }
  describeOn(`${name} on memory`, () => callTracking(), suite);

  describe('with a table', () => {
    let table: TrackingTable;
    let workspaceCount = 0;

    beforeAll(async () => {
      table = await startTrackingTable();
    });
    afterAll(() => table.stop());

    const openOnTable = (): MlflowCaller => {
      workspaceCount += 1;
      const workspace = `w-${workspaceCount}`;
      const { client, values } = table;
      const rules = { withMetrics, withRegistration };
      return callTracking({
        tracking: table.open(workspace),
        loggedModels: createLoggedModelStore({ client, table: table.table, values, workspace, rules }),
      });
    };
    describeOn(`${name} on the embedded DynamoDB`, openOnTable, suite);
  });
};
