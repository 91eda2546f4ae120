import { hash } from 'node:crypto';
import { unpackedLines } from '../../shared/adapters/s3/captured-lines.ts';
import { loadStoredModel } from '../../shared/adapters/s3/stored-model.ts';
import { captureDayPrefix, type Signature } from '../../shared/contracts/artifacts.ts';
import { CaptureRecordSchema, type PredictionRecord } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type Tensor, toBatch } from '../../shared/core/inference/index.ts';
import { type InterpretedModel, interpretModel } from '../../shared/core/interpreter/index.ts';
import { type Recorded, type RecordedTrace, sumUpTrace } from '../../shared/core/ml-test-score/index.ts';
import type { PackagedVersion } from '../../shared/core/registry/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import { type Bucket, ifOnRecord } from './read-record.ts';

/** A drill a day: one captured prediction is computed again operator by operator, and held against what was answered. */

/** What is larger is not unpacked for one line. */
const MOST_BYTES = 16 * 2 ** 20;
const MOST_OBJECTS = 3;

const findIn = (body: Uint8Array, version: number): PredictionRecord | undefined => {
  for (const line of unpackedLines(body)) {
    if (!line.includes('"kind":"prediction"')) continue;
    const record = parse(CaptureRecordSchema, JSON.parse(line), 'captured line');
    if (record.kind === 'prediction' && record.version === version) return record;
  }
  return undefined;
};

/** One of the newest of the day. */
const findCaptured = async (
  { store }: Bucket,
  { model, version }: PackagedVersion,
  day: string,
): Promise<{ readonly record: PredictionRecord; readonly key: string } | undefined> => {
  const objects = (await store.list(captureDayPrefix(model, day))).filter(({ sizeBytes }) => sizeBytes <= MOST_BYTES);
  for (const { key } of objects.toReversed().slice(0, MOST_OBJECTS)) {
    const record = findIn(await store.get(key), version);
    if (record !== undefined) return { record, key };
  }
  return undefined;
};

const tensorsOf = (
  model: InterpretedModel,
  signature: Signature,
  inputs: PredictionRecord['inputs'],
): readonly Tensor[] => {
  const { columns } = toBatch(signature, [inputs]);
  return model.inputs.map(({ name }): Tensor => {
    const data = columns[name];
    if (data === undefined) throw new InvalidStateError(`the model reads ${name}, which its signature lacks`);
    return { name, datatype: data instanceof Float32Array ? 'FP32' : 'BYTES', shape: [1, 1], data };
  });
};

/** Undefined where nothing of the version was captured on the day, or where the interpreter does not take its graph. */
export const tracePrediction = async (
  { data, artifacts }: { readonly data: Bucket; readonly artifacts: Bucket },
  version: PackagedVersion,
  day: string,
): Promise<Recorded<RecordedTrace> | undefined> => {
  const found = await findCaptured(data, version, day);
  if (found === undefined) return undefined;
  const { record, key } = found;
  const where = `data: ${key}`;
  return ifOnRecord(where, async () => {
    const { bytes, signature } = await loadStoredModel(artifacts.store, version.artifactPrefix);
    if (hash('sha256', bytes) !== version.modelDigest) {
      throw new InvalidStateError(
        `the model of ${version.model}@${version.version} is not the one that was registered`,
      );
    }
    const interpreted = interpretModel(bytes);
    if (!('model' in interpreted)) return undefined;
    const trace = interpreted.model.trace(tensorsOf(interpreted.model, signature, record.inputs));
    const about = { predictionId: record.predictionId, version: version.version, answered: record.output };
    return { where, atMs: record.atMs, content: sumUpTrace(trace, about) };
  });
};
