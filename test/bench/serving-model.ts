import { placeModel } from '../../functions/profile-model/place-model.ts';
import { type Item, toItem } from '../../shared/adapters/dynamodb/attribute-value.ts';
import { encodeRecord, encodeVersionMarker } from '../../shared/adapters/dynamodb/audit-items.ts';
import { recordKey, versionMarkerKey } from '../../shared/adapters/dynamodb/audit-keys.ts';
import { sha256 } from '../../shared/adapters/dynamodb/audit-log.ts';
import { nameHome, versionKey } from '../../shared/adapters/dynamodb/keys.ts';
import { versionItemDigest } from '../../shared/adapters/dynamodb/version-evidence.ts';
import { createMemoryArtifactStore } from '../../shared/adapters/memory/artifact-store.ts';
import { MODEL_FILE, SIGNATURE_FILE, type Signature } from '../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import { signatureOf, trainGradientBoostedTrees, writeOnnx } from '../../shared/core/training/index.ts';
import { createProtobufWriter as message } from '../../shared/core/training/protobuf-writer.ts';

/** Models of the serving benches, and what is stored of a version that serves one. */

export const FEATURE_COUNT = 14;
export const SERVED_MODEL = 'bench';

/** A fixed sequence of numbers in [0, 1): Numerical Recipes' linear congruential generator. */
const createUniform = (): (() => number) => {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

export interface BenchModel {
  readonly bytes: Uint8Array;
  readonly signature: Signature;
}

/** 200 trees of at most 31 leaves over 14 features. */
export const makeTrees = (rowCount = 20_000): BenchModel => {
  const uniform = createUniform();
  const names = Array.from({ length: FEATURE_COUNT }, (_, i) => `feature_${i}`);
  const columns = new Map(names.map((name) => [name, Float64Array.from({ length: rowCount }, uniform)]));
  const [a, b, c] = names.map((name) => columns.get(name)) as [Float64Array, Float64Array, Float64Array];
  const label = a.map((x, row) => (uniform() < 1 / (1 + Math.exp(3 * x * b[row]! - 2 * c[row]!)) ? 1 : 0));
  const trees = trainGradientBoostedTrees({
    task: 'binary-classification',
    features: names.map((name) => ({ name, type: 'number' })),
    columns,
    label,
    settings: {
      rounds: 200,
      maxLeaves: 31,
      learningRate: 0.1,
      minRowsPerLeaf: 20,
      l2: 1,
      earlyStoppingRounds: 0,
      seed: 1,
    },
  });
  return { bytes: writeOnnx(trees), signature: signatureOf(trees) };
};

const FLOAT = 1;
const floatTensor = (name: string, dims: readonly number[], values: readonly number[]) =>
  message().integers(1, dims).integer(2, FLOAT).floats(4, values).text(8, name);

const column = (name: string) => {
  const shape = message().message(1, message().text(2, 'rows')).message(1, message().integer(1, 1));
  return message()
    .text(1, name)
    .message(2, message().message(1, message().integer(1, FLOAT).message(2, shape)));
};

const node = (operator: string, inputs: readonly string[], output: string) =>
  message().texts(1, inputs).text(2, output).text(3, output).text(4, operator);

/** A small network with an operator (Mish) that the interpreter leaves to onnxruntime. */
export const makeNetwork = (width = 64): BenchModel => {
  const uniform = createUniform();
  const names = Array.from({ length: FEATURE_COUNT }, (_, i) => `feature_${i}`);
  const weights = (count: number): readonly number[] => Array.from({ length: count }, () => uniform() - 0.5);
  const axis = message().text(1, 'axis').integer(3, 1).integer(20, 2);
  const graph = message()
    .message(1, node('Concat', names, 'row').message(5, axis))
    .message(1, node('MatMul', ['row', 'w1'], 'sums'))
    .message(1, node('Mish', ['sums'], 'hidden'))
    .message(1, node('MatMul', ['hidden', 'w2'], 'score'))
    .message(1, node('Sigmoid', ['score'], 'probability'))
    .text(2, 'network')
    .message(5, floatTensor('w1', [FEATURE_COUNT, width], weights(FEATURE_COUNT * width)))
    .message(5, floatTensor('w2', [width, 1], weights(width)));
  for (const name of names) graph.message(11, column(name));
  graph.message(12, column('probability'));
  const bytes = message().integer(1, 8).message(7, graph).message(8, message().text(1, '').integer(2, 18)).bytes();
  const shape = [-1, 1];
  const inputs = names.map((name) => ({ name, datatype: 'FP32' as const, shape, nullable: true }));
  const outputs = [{ name: 'probability', datatype: 'FP32' as const, shape }];
  return { bytes, signature: { task: 'binary-classification', inputs, outputs } };
};

/** A version as the platform's stores hold it. */
export interface StoredVersion {
  /** By key. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** By `pk sk`. */
  readonly items: ReadonlyMap<string, Item>;
  /** What a published version's environment pins. */
  readonly pins: Readonly<Record<string, string>>;
}

/** Version 1, with the record about it. */
export const storeVersion = async ({ bytes, signature }: BenchModel): Promise<StoredVersion> => {
  const artifacts = createMemoryArtifactStore();
  const files = new Map([
    [MODEL_FILE, bytes],
    [SIGNATURE_FILE, toJsonFile(signature)],
    ['reference-profile.json', toJsonFile({ features: signature.inputs.map(({ name }) => ({ name, bins: [] })) })],
    ['evaluation.json', toJsonFile({ logLoss: 0.5 })],
  ]);
  const placed = await placeModel(artifacts, { model: SERVED_MODEL, runId: 'run-1', files });
  const listed = await artifacts.list(placed.artifactPrefix);
  const objects = new Map(await Promise.all(listed.map(async ({ key }) => [key, await artifacts.get(key)] as const)));

  const home = nameHome(SERVED_MODEL);
  const key = versionKey(home, 1);
  const item = toItem({ ...key, entityType: 'ModelVersion', model: SERVED_MODEL, version: 1, ...placed });
  const version = { home, number: 1, itemDigest: versionItemDigest(item) };
  const entry = { model: SERVED_MODEL, atMs: 0, principal: 'bench', action: 'register version', version };
  const record = linkRecord(undefined, entry, sha256);
  const marker = versionMarkerKey(home, 1);
  const items = new Map([
    [`${key.pk} ${key.sk}`, item],
    [`${marker.pk} ${marker.sk}`, encodeVersionMarker(version, record)],
    [Object.values(recordKey(SERVED_MODEL, 1)).join(' '), encodeRecord(record)],
  ]);
  const { modelDigest, manifestDigest, artifactPrefix } = placed;
  const pins = {
    MODEL_VERSION: '1',
    MODEL_DIGEST: modelDigest,
    MANIFEST_DIGEST: manifestDigest,
    ARTIFACT_PREFIX: artifactPrefix,
  };
  return { objects, items, pins };
};
