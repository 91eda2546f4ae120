import { hash } from 'node:crypto';
import { createObjectReader } from '../../shared/adapters/sigv4/read-object.ts';
import type { SignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { MANIFEST_FILE, ManifestSchema, MODEL_FILE } from '../../shared/contracts/artifacts.ts';
import {
  EXPLANATION_FILE,
  ExplanationBasisSchema,
  type StoredExplanationBasis,
} from '../../shared/contracts/explanation.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import {
  type ExplanationBasis,
  type FeatureInput,
  openExplainer,
  type Predict,
} from '../../shared/core/explanation/index.ts';
import type { ModelSignature, RowExplainer } from '../../shared/core/inference/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { DigestMismatchError, type Pins, type ServedModel } from './load-served-model.ts';

/** What explains a loaded version. */
export type ExplainServed = (
  served: Pick<ServedModel, 'version'> & {
    readonly signature: ModelSignature;
    readonly runtime: Pick<ServedModel['runtime'], 'inputs' | 'run'>;
  },
) => Promise<RowExplainer>;

const verified = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  key: string,
  expected: string | undefined,
): Promise<Uint8Array> => {
  const bytes = await artifacts.get(key);
  const actual = hash('sha256', bytes);
  if (actual === expected) return bytes;
  throw new DigestMismatchError(`${key} has digest ${actual}, registered is ${expected ?? 'none'}`);
};

/** The stored rows as a model takes them: missing is NaN, or the empty text. */
const basisOf = (
  { covers, background }: StoredExplanationBasis,
  inputs: readonly FeatureInput[],
): ExplanationBasis => ({
  covers,
  background: {
    rowCount: background.rowCount,
    columns: Object.fromEntries(
      inputs.map(({ name, datatype }) => {
        const cells: readonly (number | string | null)[] =
          background.columns[name] ?? Array<null>(background.rowCount).fill(null);
        return [
          name,
          datatype === 'FP32'
            ? Float32Array.from(cells, (cell) => (cell === null ? Number.NaN : Number(cell)))
            : cells.map((cell) => (cell === null ? '' : String(cell))),
        ];
      }),
    ),
  },
});

/**
 * Explains the predictions of the version that these pins name. The graph and what it is explained by are fetched and
 * verified when the first request asks for it: an environment that is never asked reads neither.
 */
export const createExplainServed = (artifacts: Pick<ArtifactStore, 'get'>, pins: Pins): ExplainServed => {
  const { artifactPrefix, modelDigest, manifestDigest } = pins;
  let kept: Promise<RowExplainer> | undefined;
  const open: ExplainServed = async ({ version, signature, runtime }) => {
    const manifest = await verified(artifacts, `${artifactPrefix}${MANIFEST_FILE}`, manifestDigest);
    const { files } = parseJsonFile(ManifestSchema, manifest, MANIFEST_FILE);
    const standing = files[EXPLANATION_FILE];
    if (standing === undefined) {
      throw new InvalidRequestError(
        `version ${version} keeps nothing that its predictions are explained by: it was registered before versions did; train or bring it again`,
      );
    }
    const [bytes, basis] = await Promise.all([
      verified(artifacts, `${artifactPrefix}${MODEL_FILE}`, modelDigest),
      verified(artifacts, `${artifactPrefix}${EXPLANATION_FILE}`, standing.sha256),
    ]);
    const stored = parseJsonFile(ExplanationBasisSchema, basis, EXPLANATION_FILE);
    const datatypes = new Map(signature.inputs.map(({ name, datatype }) => [name, datatype]));
    const inputs = runtime.inputs.map(({ name }) => ({ name, datatype: datatypes.get(name) ?? 'FP32' }));
    const output = signature.outputs[0]?.name ?? '';
    const predict: Predict = async (tensors) => (await runtime.run(tensors, [output]))[0]?.data as Float32Array;
    const opened = await openExplainer({
      bytes,
      task: signature.task,
      inputs,
      predict,
      basis: basisOf(stored, inputs),
    });
    if ('explainer' in opened) return opened.explainer;
    throw new InvalidRequestError(`predictions of version ${version} are not explained: ${opened.refused}`);
  };
  return (served) => {
    kept ??= open(served).catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
};

/** Of the version that this environment serves; nothing on the one that waits for a first model. */
export const openExplaining = (
  client: SignedClient,
  bucket: string,
  pins: Pins | undefined,
): { readonly explain?: ExplainServed } =>
  pins === undefined ? {} : { explain: createExplainServed(createObjectReader(client, bucket), pins) };
