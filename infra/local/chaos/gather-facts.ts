import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetAliasCommand, ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createModelRuntime } from '../../../shared/adapters/onnx/model-runtime.ts';
import { capturePrefix, MANIFEST_FILE, MODEL_FILE } from '../../../shared/contracts/artifacts.ts';
import {
  METRIC_NAMES,
  METRIC_NAMESPACE,
  MODEL_DIMENSION,
  modelDimensionValue,
} from '../../../shared/contracts/metric-names.ts';
import { inferenceFunctionName, LIVE_ALIAS } from '../../../shared/contracts/names.ts';
import { DAY_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../../shared/ports/artifact-store.ts';
import type { ArtifactFacts, CapturedPrediction, ChaosFacts, ModelFacts, VersionFacts, WindowFacts } from './facts.ts';
import { type RegistryTables, readTables } from './read-tables.ts';
import type { ChaosSession } from './session.ts';
import type { AnsweredRow } from './traffic.ts';

/** Reads everything that a run left behind, through the public APIs. Nothing goes wrong on the way: faults have ceased. */

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const absent = (): undefined => undefined;

const readArtifacts = async (
  artifacts: ArtifactStore,
  { version, artifactPrefix }: VersionFacts,
): Promise<ArtifactFacts> => {
  const manifest = await artifacts.get(`${artifactPrefix}${MANIFEST_FILE}`).catch(absent);
  if (manifest === undefined) return { version, files: {} };
  const { files } = JSON.parse(text(manifest)) as {
    readonly files: Readonly<Record<string, { readonly sha256: string }>>;
  };
  const entries = await Promise.all(
    Object.entries(files).map(async ([file, { sha256: stated }]) => {
      const bytes = await artifacts.get(`${artifactPrefix}${file}`).catch(absent);
      return [file, { stated, ...(bytes === undefined ? {} : { found: sha256(bytes) }) }] as const;
    }),
  );
  return { version, manifestDigest: sha256(manifest), files: Object.fromEntries(entries) };
};

/** What each version answers to the rows that it is said to have answered. */
const scoreAnew = async (
  artifacts: ArtifactStore,
  versions: readonly VersionFacts[],
  rows: readonly AnsweredRow[],
): Promise<ReadonlyMap<string, number>> => {
  const runtime = createModelRuntime();
  const scores = new Map<string, number>();
  for (const { version, artifactPrefix } of versions) {
    const own = rows.filter((row) => row.version === version);
    const bytes = own.length === 0 ? undefined : await artifacts.get(`${artifactPrefix}${MODEL_FILE}`).catch(absent);
    if (bytes === undefined) continue;
    const model = await runtime.load(bytes);
    const x = Float32Array.from(own, ({ features }) => features.x);
    const outputs = await model.predict({ x, kind: own.map(({ features }) => features.kind) }, own.length);
    for (const [i, { predictionId }] of own.entries()) scores.set(predictionId, outputs[i] ?? Number.NaN);
    await model.release();
  }
  return scores;
};

/** Every captured line as it lies there, repetitions and all. */
export const readCaptureLines = async (data: ArtifactStore, prefix: string): Promise<readonly unknown[]> => {
  const lines: unknown[] = [];
  for (const { key } of await data.list(prefix)) {
    const body = gunzipSync(await data.get(key)).toString('utf8');
    lines.push(...body.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)])));
  }
  return lines;
};

const readCaptures = async (data: ArtifactStore, model: string): Promise<readonly CapturedPrediction[]> => {
  const lines = await readCaptureLines(data, capturePrefix(model));
  return (lines as readonly (CapturedPrediction & { readonly kind: string })[]).filter(
    ({ kind }) => kind === 'prediction',
  );
};

const readWindows = async (data: ArtifactStore, model: string): Promise<readonly WindowFacts[]> => {
  const objects = await data.list(`reports/${model}/windows/`);
  return Promise.all(
    objects.map(async ({ key }) => {
      const { fromMs, toMs, rowCount } = JSON.parse(text(await data.get(key))) as WindowFacts;
      return { day: key.split('/').at(-1)?.replace('.json', '') ?? '', fromMs, toMs, rowCount };
    }),
  );
};

const readServing = async ({ lambda }: ChaosSession, model: string) => {
  const FunctionName = inferenceFunctionName('local', model);
  const alias = await lambda.send(new GetAliasCommand({ FunctionName, Name: LIVE_ALIAS }));
  const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
  const published = Versions.filter(({ Version }) => Version !== '$LATEST');
  return {
    alias: {
      lambdaVersion: alias.FunctionVersion ?? '',
      weights: alias.RoutingConfig?.AdditionalVersionWeights ?? {},
    },
    pins: Object.fromEntries(
      published.map(({ Version = '', Environment }) => [Version, Number(Environment?.Variables?.MODEL_VERSION ?? 0)]),
    ),
  };
};

/** `CaptureFailed` of a model in the last four days, by periods of so many seconds. */
export const readCaptureFailures = async (
  { clientConfig, cloud }: ChaosSession,
  model: string,
  Period: number,
): Promise<readonly { readonly atMs: number; readonly count: number }[]> => {
  const client = new CloudWatchClient(clientConfig);
  const Metric = {
    Namespace: METRIC_NAMESPACE,
    MetricName: METRIC_NAMES.captureFailed,
    Dimensions: [{ Name: MODEL_DIMENSION, Value: modelDimensionValue('local', model) }],
  };
  const endMs = Math.ceil(cloud.clock.nowMs() / DAY_MS) * DAY_MS;
  const request = new GetMetricDataCommand({
    StartTime: new Date(endMs - 4 * DAY_MS),
    EndTime: new Date(endMs),
    MetricDataQueries: [{ Id: 'failed', MetricStat: { Metric, Period, Stat: 'Sum' } }],
  });
  const { MetricDataResults = [] } = await client.send(request);
  const [{ Values = [], Timestamps = [] } = {}] = MetricDataResults;
  return Values.map((count, i) => ({ atMs: Timestamps[i]?.getTime() ?? 0, count }));
};

const countCaptureFailures = async (session: ChaosSession, model: string): Promise<number> =>
  (await readCaptureFailures(session, model, DAY_MS / SECOND_MS)).reduce((sum, { count }) => sum + count, 0);

export const gatherModel = async (
  session: ChaosSession,
  {
    name,
    answered,
    tables,
  }: { readonly name: string; readonly answered: readonly AnsweredRow[]; readonly tables: RegistryTables },
): Promise<Omit<ModelFacts, 'expectedVersion'>> => {
  const { artifacts, observer } = session;
  const registry = tables.modelOf(name);
  const rows = answered.filter(({ model }) => model === name);
  const scores = await scoreAnew(artifacts, registry.versions, rows);
  return {
    name,
    ...registry,
    ...(await readServing(session, name)),
    artifacts: await Promise.all(registry.versions.map((version) => readArtifacts(artifacts, version))),
    answered: rows.map(({ predictionId, atMs, version, output }) => {
      const expected = scores.get(predictionId);
      return { predictionId, atMs, version, output, ...(expected === undefined ? {} : { expected }) };
    }),
    captured: await readCaptures(observer.data, name),
    captureFailures: await countCaptureFailures(session, name),
    windows: await readWindows(observer.data, name),
  };
};

const readMails = (stateFolder: string): readonly unknown[] => {
  const folder = join(stateFolder, 'outbox');
  if (!existsSync(folder)) return [];
  const mails = readdirSync(folder)
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
  // An alarm's or an event's JSON, or what was written for people.
  return mails.map(({ message }: { readonly message: string }) =>
    message.startsWith('{') ? JSON.parse(message) : message,
  );
};

const readDeadLetters = async ({ clientConfig }: ChaosSession): Promise<Readonly<Record<string, number>>> => {
  const sqs = new SQSClient(clientConfig);
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const counts: Record<string, number> = {};
  for (const QueueUrl of QueueUrls.filter((url) => url.includes('DeadLetters'))) {
    const names = { QueueUrl, AttributeNames: ['ApproximateNumberOfMessages' as const] };
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand(names));
    counts[QueueUrl.split('/').at(-1) ?? ''] = Number(Attributes.ApproximateNumberOfMessages ?? 0);
  }
  return counts;
};

const readExecutions = async ({ observer }: ChaosSession): Promise<ChaosFacts['executions']> =>
  (await observer.executions()).map(({ arn, name, workflow, status }) => ({ arn, name, workflow, status }));

export const gatherFacts = async (
  session: ChaosSession,
  answered: readonly AnsweredRow[],
  model: Pick<ModelFacts, 'name' | 'expectedVersion'>,
): Promise<ChaosFacts> => {
  const tables = await readTables(session.clientConfig);
  return {
    models: [{ ...(await gatherModel(session, { name: model.name, answered, tables })), ...model }],
    lineage: tables.lineage,
    executions: await readExecutions(session),
    effects: session.effects,
    mails: readMails(session.stateFolder),
    deadLetters: await readDeadLetters(session),
    alarms: (await session.observer.alarmTransitions()).map(({ name, to, atMs }) => ({ name, to, atMs })),
    problems: session.problems,
  };
};
