import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { placeModel } from '../../functions/profile-model/place-model.ts';
import { answering, failingOnRealRows, failingOnZeros } from '../../infra/local/chaos/toy-trees.ts';
import type { RolloutFact } from '../../infra/local/story/platform.ts';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import { inferenceFunctionName, LIVE_ALIAS } from '../../shared/contracts/names.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/kernel/time.ts';
import type { TestCloud } from './local-cloud.ts';
import { benchDefinition } from './training-bench.ts';

export { answering, failingOnRealRows, failingOnZeros };

/** Rollouts on a test cloud, by versions that are uploaded instead of trained, so that a test can plant their faults. */

const BAKE_MINUTES = 60;
/** How often the reconciler looks. */
export const RECONCILE_MS = 15 * MINUTE_MS;

/** A toy model of this name whose rollouts wait for a person and bake an hour at half of the traffic. */
export const rolloutDefinition = (name: string, change: Parameters<typeof benchDefinition>[0] = {}) =>
  benchDefinition({
    name,
    approval: 'manual',
    deployment: { canarySteps: [0.5, 1], bakeMinutes: BAKE_MINUTES },
    ...change,
  });

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly message: string;
}

export const openRolloutBench = (test: TestCloud, stateFolder: string) => {
  const { cloud, platform, observer, clientConfig } = test;
  const lambda = new LambdaClient(clientConfig);
  const states = new SFNClient(clientConfig);
  const s3 = new S3Client({ ...clientConfig, forcePathStyle: true });
  const bucket = cloud.outputs['Millrace-local-data']?.ArtifactBucketName ?? '';
  const artifacts = createArtifactStore({ client: s3, bucket });
  const functionName = (model: string): string => inferenceFunctionName('local', model);

  const invoke = async (name: string, payload: object): Promise<unknown> => {
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: `millrace-local-${name}`, Payload: Buffer.from(JSON.stringify(payload)) }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString('utf8');
    if (answer.FunctionError !== undefined) throw new Error(`${name} failed: ${text}`);
    return JSON.parse(text);
  };

  /** Places the model's files and registers them by the pipeline's own function. @returns the version. */
  const upload = async (model: string, files: ReadonlyMap<string, Uint8Array>): Promise<number> => {
    const runId = `upload-${(await platform.versions(model)).length + 1}`;
    const placed = await placeModel(artifacts, { model, runId, files });
    // It knows what was known at midnight.
    const trainedThroughMs = Math.floor(cloud.clock.nowMs() / DAY_MS) * DAY_MS;
    const facts = { metrics: { logLoss: 0.5 }, trainedThroughMs, snapshotId: sha256(runId) };
    const { version } = (await invoke('register-model-version', { model, runId, ...placed, ...facts })) as {
      version: number;
    };
    return version;
  };

  const rolloutsOf = async (model: string, version: number): Promise<readonly RolloutFact[]> =>
    (await platform.rollouts(model)).filter((rollout) => rollout.version === version);

  /** The rollout of a version, model or code, once it is over. */
  const ended = async (model: string, version: number, kind: 'model' | 'code' = 'model'): Promise<RolloutFact> => {
    const find = async () => (await rolloutsOf(model, version)).find((rollout) => rollout.kind === kind);
    await test.until(`the ${kind} rollout of ${model} ${version} ended`, async () => {
      const rollout = await find();
      return rollout !== undefined && rollout.status !== 'RUNNING';
    });
    return (await find()) as RolloutFact;
  };

  const roll = async (model: string, version: number): Promise<RolloutFact> => {
    await platform.approve(model, version, 'tried by hand');
    return ended(model, version);
  };

  return {
    invoke,
    upload,
    rolloutsOf,
    ended,
    /** Approves a version and waits for the end of its rollout. */
    roll,

    /** A model's first version in service. */
    async serveFirst(model: string): Promise<void> {
      const { status, reason } = await roll(model, await upload(model, answering(1)));
      if (status !== 'PROMOTED') throw new Error(`the first version of ${model} is ${status}: ${reason}`);
    },

    /** Approves a version and leaps into its canary. */
    async beginCanary(model: string, version: number): Promise<void> {
      await platform.approve(model, version, 'tried by hand');
      await test.until(`the canary of ${model} ${version} has traffic`, async () =>
        (await rolloutsOf(model, version)).some(({ weights }) => weights.at(-1) === 0.5),
      );
    },

    /** Every different division of the traffic that stood while the model's version was rolled out. */
    async weightsUntilEnded(model: string, version: number, kind: 'model' | 'code' = 'model') {
      const seen = [await observer.liveWeights(model)];
      await test.until(`the rollout of ${model} ${version} ended`, async () => {
        const now = await observer.liveWeights(model);
        if (JSON.stringify(now) !== JSON.stringify(seen.at(-1))) seen.push(now);
        return (await rolloutsOf(model, version)).some((one) => one.kind === kind && one.status !== 'RUNNING');
      });
      return seen;
    },

    /** Moves the alias as somebody with the AWS console would. */
    async moveAlias(model: string, lambdaVersion: string, weights: Record<string, number> = {}): Promise<void> {
      const to = { FunctionVersion: lambdaVersion, RoutingConfig: { AdditionalVersionWeights: weights } };
      await lambda.send(new UpdateAliasCommand({ FunctionName: functionName(model), Name: LIVE_ALIAS, ...to }));
    },

    async configuration(model: string, qualifier?: string) {
      const what = { FunctionName: functionName(model), ...(qualifier ? { Qualifier: qualifier } : {}) };
      return lambda.send(new GetFunctionConfigurationCommand(what));
    },

    async stopRollout(model: string): Promise<void> {
      const [running] = (await platform.rollouts(model)).filter(({ status }) => status === 'RUNNING');
      const execution = (await observer.executions(/^canary-rollout$/)).find(({ name }) => name === running?.rolloutId);
      await states.send(new StopExecutionCommand({ executionArn: execution?.arn, error: 'Stopped', cause: 'by hand' }));
    },

    /** Everything that says what serves a model: the deployment, the alias `champion`, the deployment's lineage. */
    async inService(model: string) {
      const read = async (path: string) => (await test.api.call('GET', `${test.platformUrl}${path}`)).body;
      const { deployment, aliases } = (await read(`/models/${model}`)) as {
        readonly deployment?: { readonly version: number; readonly lambdaVersion: string; readonly rolloutId: string };
        readonly aliases: Readonly<Record<string, number>>;
      };
      const lineage = await read(`/models/${model}/lineage/deployment/${deployment?.rolloutId}`);
      return { deployment, champion: aliases.champion, lineage, weights: await observer.liveWeights(model) };
    },

    /** Requests with real rows, one a second. @returns the count of each status. */
    async ask(model: string, count: number): Promise<Readonly<Record<number, number>>> {
      const statuses: Record<number, number> = {};
      for (let i = 0; i < count; i += 1) {
        await cloud.clock.advanceBy(1_000);
        const { status } = await platform.predict(model, { features: { x: (i % 10) / 10 + 0.05, kind: 'a' } });
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
      return statuses;
    },

    overwriteArtifact: (key: string, bytes: Uint8Array) => artifacts.put(key, bytes),
    deleteArtifact: (key: string) => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })),

    /** Mails to people about a roll-back of a version of a model, oldest first. */
    async rollBackMails(model: string): Promise<readonly Mail[]> {
      const folder = join(stateFolder, 'outbox');
      const names = await readdir(folder).catch(() => []);
      const mails = await Promise.all(
        names.sort().map(async (name): Promise<Mail> => JSON.parse(await readFile(join(folder, name), 'utf8'))),
      );
      return mails.filter(({ subject }) => subject.endsWith(` of ${model} was rolled back`));
    },

    close() {
      for (const client of [lambda, states, s3]) client.destroy();
    },
  };
};
