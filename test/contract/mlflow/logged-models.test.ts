import { randomBytes } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbService } from '../../../infra/local/dynamodb/service.ts';
import { createLoggedModelStore } from '../../../shared/adapters/dynamodb/logged-models/logged-model-store.ts';
import { createMemoryArtifactStore } from '../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryLoggedModelStore } from '../../../shared/adapters/memory/logged-model-store.ts';
import { withMetrics, withRegistration, withTags } from '../../../shared/core/logged-models/index.ts';
import type { LoggedModel, MetricPoint } from '../../../shared/core/tracking/index.ts';
import type { LoggedModelStore } from '../../../shared/ports/logged-model-store.ts';
import { type StartedService, startLocalService } from '../../helpers/local-service.ts';

const TABLE = 'tracking';
const rules = { withMetrics, withRegistration };

let local: StartedService;
let client: DynamoDBClient;
beforeAll(async () => {
  local = await startLocalService(createDynamoDbService);
  client = new DynamoDBClient(local.clientConfig);
  const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' }) as const;
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [text('pk'), text('sk')],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await local.clock.advanceBy(60_000);
  local.clock.startWall();
});
afterAll(async () => {
  client.destroy();
  await local.stop();
});

const values = createMemoryArtifactStore();
const onDynamoDb = (workspace = 'default'): LoggedModelStore =>
  createLoggedModelStore({ client, table: TABLE, workspace, values, rules });
const subjects: Readonly<Record<string, () => LoggedModelStore>> = {
  memory: () => createMemoryLoggedModelStore(rules),
  'the embedded DynamoDB': onDynamoDb,
};

let serial = 0;
const modelOf = (experimentId: string, fields: Partial<LoggedModel> = {}): LoggedModel => {
  serial += 1;
  return {
    modelId: `m-${String(serial).padStart(32, '0')}`,
    experimentId,
    name: 'net',
    createdAtMs: 1_000,
    updatedAtMs: 1_000,
    artifactUri: 'mlflow-artifacts:/1/models/m/artifacts',
    status: 'LOGGED_MODEL_PENDING',
    lifecycleStage: 'active',
    params: { depth: '3' },
    tags: { team: 'a' },
    metrics: [],
    registrations: [],
    ...fields,
  };
};
const point = (modelId: string, value: number, fields: Partial<MetricPoint> = {}): MetricPoint => ({
  key: 'accuracy',
  value,
  timestampMs: 5,
  step: 1,
  modelId,
  ...fields,
});
const NotFound = expect.objectContaining({ name: 'NotFoundError' });

describe.each(Object.entries(subjects))('logged models on %s', (_where, open) => {
  it('gives back what was created, and creates no id twice', async () => {
    const store = open();
    const model = modelOf('e-get', { modelType: 'agent', sourceRunId: 'r', tags: { __proto__x: 'ü', '': '' } });

    await store.create(model);

    expect(await store.get(model.modelId)).toEqual(model);
    await expect(store.create({ ...model, name: 'other' })).rejects.toMatchObject({ name: 'AlreadyExistsError' });
    expect((await store.get(model.modelId)).name).toBe('net');
  });

  it('knows nothing of a model that was not created, or was deleted', async () => {
    const store = open();
    const model = modelOf('e-gone');
    await store.create(model);
    await store.change(model.modelId, (known) => ({ ...known, lifecycleStage: 'deleted' }));

    await expect(store.get(model.modelId)).rejects.toThrow(NotFound);
    await expect(store.change(model.modelId, (known) => known)).rejects.toThrow(NotFound);
    await expect(store.recordMetrics([point(model.modelId, 1)], 'r')).rejects.toThrow(NotFound);
    await expect(store.get('m-none')).rejects.toThrow(NotFound);
    expect(await store.list('e-gone')).toEqual([]);
  });

  it('lists the models of one experiment, as they were just written', async () => {
    const store = open();
    const [one, two, other] = [modelOf('e-list'), modelOf('e-list'), modelOf('e-list-2')];
    for (const model of [one, two, other]) await store.create(model);
    await store.change(two.modelId, (model) => ({ ...model, status: 'LOGGED_MODEL_READY' }));

    expect(await store.list('e-list')).toEqual([one, { ...two, status: 'LOGGED_MODEL_READY' }]);
    expect(await store.list('e-none')).toEqual([]);
  });

  it('lists the models of one run, whatever their experiments', async () => {
    const store = open();
    const sourceRunId = 'run/1';
    const [one, two, gone] = ['e-run', 'e-run-2', 'e-run'].map((experimentId) =>
      modelOf(experimentId, { sourceRunId }),
    );
    for (const model of [one, two, gone, modelOf('e-run', { sourceRunId: 'run' })])
      if (model) await store.create(model);
    await store.change(gone?.modelId ?? '', (model) => ({ ...model, lifecycleStage: 'deleted' }));

    const models = await store.listOfRun(sourceRunId);

    expect(models.map(({ modelId }) => modelId).sort()).toEqual([one?.modelId, two?.modelId]);
    expect(await store.listOfRun('none')).toEqual([]);
  });

  it('keeps what every one of many writers wrote', async () => {
    const store = open();
    const model = modelOf('e-race');
    await store.create(model);

    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        store.change(model.modelId, (known) => withTags(known, [{ key: `tag ${i}`, value: 'x' }])),
      ),
    );

    expect(Object.keys((await store.get(model.modelId)).tags)).toHaveLength(13);
  });

  it('takes the points that name a model, NaN among them, the same ones once', async () => {
    const store = open();
    const [one, two] = [modelOf('e-metrics'), modelOf('e-metrics')];
    for (const model of [one, two]) await store.create(model);
    const points = [
      point(one.modelId, 0.5),
      point(one.modelId, Number.NaN, { key: 'loss', datasetName: 'd', datasetDigest: '1' }),
      point(two.modelId, Number.POSITIVE_INFINITY),
      { key: 'of no model', value: 1, timestampMs: 1, step: 0 },
    ];

    await store.recordMetrics(points, 'r');
    await store.recordMetrics(points, 'r');

    const stored = { timestampMs: 5, step: 1, runId: 'r' };
    expect((await store.get(one.modelId)).metrics).toEqual([
      { ...stored, key: 'accuracy', value: 0.5 },
      { ...stored, key: 'loss', value: Number.NaN, datasetName: 'd', datasetDigest: '1' },
    ]);
    expect((await store.get(two.modelId)).metrics).toEqual([{ ...stored, key: 'accuracy', value: Number.MAX_VALUE }]);
  });

  it('notes a registered version once', async () => {
    const store = open();
    const model = modelOf('e-registered');
    await store.create(model);

    for (const version of ['1', '1', '2']) await store.recordRegistration(model.modelId, { name: 'late', version }, 9);

    const { registrations, tags } = await store.get(model.modelId);
    expect(registrations).toEqual([
      { name: 'late', version: '1' },
      { name: 'late', version: '2' },
    ]);
    expect(JSON.parse(tags['mlflow.modelVersions'] ?? '')).toEqual([
      { name: 'late', version: 1 },
      { name: 'late', version: 2 },
    ]);
  });

  it('keeps long params, also beyond what one item holds', async () => {
    const store = open();
    const model = modelOf('e-long');
    await store.create(model);
    const noise = Array.from({ length: 200 }, (_, i) => [
      `p${i}`,
      Array.from({ length: 500 }, (_, j) => Math.sin(i * 500 + j).toString(36)).join(''),
    ]);
    const params = Object.fromEntries(noise);

    await store.change(model.modelId, (known) => ({ ...known, params }));

    expect((await store.get(model.modelId)).params).toEqual(params);
    expect((await store.list('e-long'))[0]?.params).toEqual(params);
  });
});

describe('logged models on the embedded DynamoDB', () => {
  it('keeps workspaces apart', async () => {
    const model = modelOf('e-apart');
    await onDynamoDb('one').create(model);

    await expect(onDynamoDb('other').get(model.modelId)).rejects.toThrow(NotFound);
    expect(await onDynamoDb('other').list('e-apart')).toEqual([]);
    await expect(onDynamoDb('other').get('../../one/logged-model/x')).rejects.toThrow(NotFound);
  });

  it('lists more than one page of a query holds', async () => {
    const store = onDynamoDb();
    const models = Array.from({ length: 6 }, () =>
      modelOf('e-many', { tags: { long: randomBytes(200_000).toString('base64') } }),
    );
    await Promise.all(models.map((model) => store.create(model)));

    expect(await store.list('e-many')).toHaveLength(6);
  });

  it('writes nothing when nothing changes', async () => {
    const store = onDynamoDb();
    const model = modelOf('e-still');
    await store.create(model);
    const sent: string[] = [];
    const watching = new DynamoDBClient(local.clientConfig);
    watching.middlewareStack.add(
      (next, context) => async (given) => {
        sent.push(String(context.commandName));
        return next(given);
      },
      { step: 'initialize' },
    );
    const watched = createLoggedModelStore({ client: watching, table: TABLE, workspace: 'default', values, rules });

    await watched.change(model.modelId, (known) => known);
    await watched.change(model.modelId, (known) => withTags(known, [{ key: 'team', value: 'a' }]));

    watching.destroy();
    expect(sent).toEqual(['GetItemCommand', 'GetItemCommand', 'GetItemCommand']);
  });
});
