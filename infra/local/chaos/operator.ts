import { createHash } from 'node:crypto';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { datasetDayKey, MANIFEST_FILE, MODEL_FILE, modelArtifactPrefix } from '../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../shared/contracts/json-file.ts';
import { MINUTE_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import type { RolloutFact } from '../story/platform.ts';
import type { ChaosSession } from './session.ts';
import type { ToyDay } from './toy-rows.ts';

/** A person at the platform: asks, waits, and asks again when something went wrong on the way. */
export interface Operator {
  /** Repeats what fails, a little later each time. @throws what the last try threw. */
  patiently<T>(work: () => Promise<T>): Promise<T>;
  /** Looks every few minutes until the claim holds. @returns whether it held within the limit. */
  until(claim: () => Promise<boolean>, limitMs: number, meanwhile?: () => Promise<void>): Promise<boolean>;
  /** Invokes a function of the stage, as Scheduler or a person with the console would. @throws when it fails. */
  invoke(name: string, payload: object): Promise<unknown>;
  load(dataset: string, days: readonly ToyDay[]): Promise<void>;
  /** Places a model's files and registers them as a run of this id. @returns the version. */
  upload(model: string, runId: string, files: ReadonlyMap<string, Uint8Array>): Promise<number>;
  rolloutsOf(model: string, version: number): Promise<readonly RolloutFact[]>;
  /** Waits until a rollout of the version is over; what failed is approved once more. */
  rolledOut(model: string, version: number, meanwhile?: () => Promise<void>): Promise<RolloutFact | undefined>;
}

const TRIES = 12;
const LOOK_EVERY_MS = 10 * MINUTE_MS;
const ROLLOUT_LIMIT_MS = 600 * MINUTE_MS;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const createOperator = (session: ChaosSession): Operator => {
  const { cloud, platform, observer, lambda, artifacts } = session;

  const patiently: Operator['patiently'] = async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt === TRIES) throw error;
        await cloud.clock.advanceBy(attempt * 10 * SECOND_MS);
      }
    }
  };

  const until: Operator['until'] = async (claim, limitMs, meanwhile) => {
    const endsAtMs = cloud.clock.nowMs() + limitMs;
    for (;;) {
      if (await patiently(claim)) return true;
      if (cloud.clock.nowMs() >= endsAtMs) return false;
      await meanwhile?.();
      await cloud.clock.advanceBy(LOOK_EVERY_MS);
    }
  };

  const invoke: Operator['invoke'] = async (name, payload) => {
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: `millrace-local-${name}`, Payload: Buffer.from(JSON.stringify(payload)) }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString('utf8');
    if (answer.FunctionError !== undefined) throw new Error(`${name} failed: ${text}`);
    return JSON.parse(text);
  };

  const rolloutsOf: Operator['rolloutsOf'] = async (model, version) =>
    (await platform.rollouts(model)).filter((rollout) => rollout.version === version && rollout.kind === 'model');

  return {
    patiently,
    until,
    invoke,
    rolloutsOf,
    async load(dataset, days) {
      for (const { day, parquet } of days) {
        await patiently(() => observer.data.put(datasetDayKey(dataset, day), parquet));
      }
    },
    async upload(model, runId, files) {
      const onnx = files.get(MODEL_FILE);
      if (onnx === undefined) throw new Error(`${MODEL_FILE} must be among the files`);
      const modelDigest = sha256(onnx);
      const artifactPrefix = modelArtifactPrefix(model, modelDigest);
      const digests = [...files].map(([file, bytes]) => [file, { sha256: sha256(bytes), sizeBytes: bytes.length }]);
      const manifest = toJsonFile({ schemaVersion: 1, model, runId, modelDigest, files: Object.fromEntries(digests) });
      for (const [file, bytes] of [...files, [MANIFEST_FILE, manifest] as const]) {
        await patiently(() => artifacts.put(`${artifactPrefix}${file}`, bytes));
      }
      const placed = { artifactPrefix, modelDigest, manifestDigest: sha256(manifest) };
      const facts = {
        metrics: { logLoss: 0.5 },
        trainedThroughMs: cloud.clock.nowMs(),
        snapshotId: sha256(Buffer.from(runId)),
      };
      const answer = await patiently(() => invoke('register-model-version', { model, runId, ...placed, ...facts }));
      return (answer as { readonly version: number }).version;
    },
    async rolledOut(model, version, meanwhile) {
      const newest = async () => (await rolloutsOf(model, version)).at(-1);
      const ended = async () => !['RUNNING', undefined].includes((await newest())?.status);
      await until(ended, ROLLOUT_LIMIT_MS, meanwhile);
      if ((await patiently(newest))?.status === 'FAILED') {
        await patiently(() => platform.approve(model, version, 'the rollout failed: once more'));
        await until(
          async () => (await rolloutsOf(model, version)).length > 1 && (await ended()),
          ROLLOUT_LIMIT_MS,
          meanwhile,
        );
      }
      return patiently(newest);
    },
  };
};
