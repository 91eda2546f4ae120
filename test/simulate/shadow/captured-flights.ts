import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { createHandler } from '../../../functions/compare-versions/handler.ts';
import flightDelay from '../../../models/flight-delay/model.ts';
import { createAnyRuntime } from '../../../shared/adapters/interpreter/any-runtime.ts';
import { createMemoryArtifactStore } from '../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryShadowDays } from '../../../shared/adapters/memory/shadow-days.ts';
import { createModelRuntime } from '../../../shared/adapters/onnx/model-runtime.ts';
import { captureDayPrefix, MODEL_FILE } from '../../../shared/contracts/artifacts.ts';
import type { LabelRecord, PredictionRecord } from '../../../shared/contracts/capture.ts';
import { interpretModel } from '../../../shared/core/interpreter/index.ts';
import type { ModelVersion } from '../../../shared/core/registry/index.ts';
import { isoTime, utcDay } from '../../../shared/kernel/time.ts';
import type { Flight, TrainedVersion } from './flights.ts';

/** The deployed function over stores in memory: flights are captured as Firehose lays them down, labels when they are known. */

const MODEL = flightDelay.name;
export const PAIR = { model: MODEL, challenger: 2, champion: 1 } as const;

export const openCapturedFlights = async (
  versions: readonly [TrainedVersion, TrainedVersion],
  clock: { readonly nowMs: () => number },
) => {
  const [artifacts, data, days] = [createMemoryArtifactStore(), createMemoryArtifactStore(), createMemoryShadowDays()];
  const registered: ModelVersion[] = [];
  for (const [i, { files, trainedThroughMs }] of versions.entries()) {
    const version = i + 1;
    const artifactPrefix = `models/${MODEL}/${version}/`;
    for (const [file, bytes] of files) await artifacts.put(`${artifactPrefix}${file}`, bytes);
    const modelDigest = createHash('sha256')
      .update(files.get(MODEL_FILE) ?? '')
      .digest('hex');
    const fields = { model: MODEL, version, status: 'APPROVED', modelDigest, artifactPrefix, trainedThroughMs };
    registered.unshift({ ...fields, registeredAtMs: trainedThroughMs } as ModelVersion);
  }
  const handler = createHandler({
    definitions: new Map([[MODEL, flightDelay]]),
    registry: {
      getDeployment: async () => ({ version: PAIR.champion }) as never,
      listVersions: async () => ({ items: registered }),
      getVersion: async (_model, version) => registered.find((one) => one.version === version) as ModelVersion,
      getServingSnapshot: async () => ({ latestVersion: 2 }),
      getRollout: async () => undefined,
      decideRollout: () => Promise.reject(new Error('flight-delay only reports')),
    },
    artifacts,
    data,
    days,
    runtime: createAnyRuntime({ interpret: interpretModel, openOther: async () => createModelRuntime() }),
    clock,
  });

  const lay = async (name: string, lines: ReadonlyMap<string, readonly object[]>): Promise<void> => {
    for (const [prefix, records] of lines)
      await data.put(`${prefix}${name}.gz`, gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join('')));
  };
  const hourPrefix = (atMs: number): string =>
    `${captureDayPrefix(MODEL, utcDay(atMs))}${isoTime(atMs).slice(11, 13)}/`;

  return {
    days,
    /** What was predicted on a day, and the labels of it by the hour of their arrival. */
    async capture(dayMs: number, flights: readonly Flight[]): Promise<void> {
      const predictions = flights.map(({ id, departureAtMs, inputs }): [number, PredictionRecord] => [
        departureAtMs,
        {
          kind: 'prediction',
          predictionId: id,
          atMs: departureAtMs,
          model: MODEL,
          version: 1,
          modelDigest: 'served',
          inputs,
          output: 0,
          latencyMs: 1,
        },
      ]);
      const labels = flights.map(({ id, label, labelKnownAtMs: knownAtMs }): [number, LabelRecord] => [
        knownAtMs,
        { kind: 'label', predictionId: id, model: MODEL, label, knownAtMs, receivedAtMs: knownAtMs },
      ]);
      const byHour = (lines: readonly (readonly [number, object])[]) =>
        new Map(
          [...Map.groupBy(lines, ([atMs]) => hourPrefix(atMs))].map(([prefix, some]) => [
            prefix,
            some.map(([, line]) => line),
          ]),
        );
      await lay(`predictions-${utcDay(dayMs)}`, byHour(predictions));
      await lay(`labels-${utcDay(dayMs)}`, byHour(labels));
    },
    run: (atMs: number) =>
      handler({ model: MODEL, scheduledAt: isoTime(atMs) }, { getRemainingTimeInMillis: () => 900_000 }),
  };
};
