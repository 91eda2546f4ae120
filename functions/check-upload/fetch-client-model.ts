import { type ArtifactSpace, joinArtifactPath, parseArtifactPath } from '../../shared/core/artifacts/index.ts';
import {
  LARGEST_MLMODEL_BYTES,
  LARGEST_MODEL_BYTES,
  type Mlmodel,
  readMlmodel,
} from '../../shared/core/packaging/index.ts';
import { isPackaged, requireUnpackaged } from '../../shared/core/registry/index.ts';
import { InvalidRequestError, NotFoundError } from '../../shared/kernel/errors.ts';
import { shorten } from '../../shared/kernel/show-value.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

/** A model as a client logged it: the graph's bytes, and what its MLmodel file says. */
interface ClientModel {
  readonly bytes: Uint8Array;
  readonly mlmodel: Mlmodel;
}

export interface FetchDeps {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'list'>;
  readonly registry: Pick<ModelRegistry, 'getVersion'>;
  /** Where the artifacts of the default workspace are. */
  readonly space: Pick<ArtifactSpace, 'pathOf' | 'locate'>;
}

const MLMODEL = 'MLmodel';
/** A model's own folder holds a handful of files, and an input example. */
const MOST_FILES = 1_000;
const LONGEST_SHOWN = 300;

const readWhole = async (
  { artifacts }: FetchDeps,
  key: string,
  { what, mostBytes }: { readonly what: string; readonly mostBytes: number },
): Promise<Uint8Array> => {
  const found = (await artifacts.list(key, MOST_FILES)).find((object) => object.key === key);
  if (found === undefined) throw new InvalidRequestError(`there is no ${what}`);
  if (found.sizeBytes > mostBytes) {
    throw new InvalidRequestError(`${what} has ${found.sizeBytes} bytes, at most ${mostBytes} are allowed`);
  }
  return artifacts.get(key, found.etag).catch((error: unknown) => {
    if (error instanceof NotFoundError) throw new InvalidRequestError(`there is no ${what}`, { cause: error });
    throw error;
  });
};

/**
 * Fetches the ONNX model of a version that a client registered, by the version's source.
 * @throws InvalidRequestError for a source that is not kept here, or holds no ONNX model of MLflow's.
 * @throws InvalidStateError for a version that is packaged by now, or another one than was asked for.
 * @throws NotFoundError for a version that was deleted.
 */
export const fetchClientModel = async (
  deps: FetchDeps,
  model: string,
  { version, registeredAtMs }: { readonly version: number; readonly registeredAtMs: number },
): Promise<ClientModel> => {
  const standing = await deps.registry.getVersion(model, version);
  requireUnpackaged(standing, registeredAtMs);
  const uri = (isPackaged(standing) ? undefined : standing.storageLocation) ?? standing.source;
  const shown = shorten(uri, LONGEST_SHOWN);
  const root = deps.space.pathOf(uri);
  if (root === undefined) {
    throw new InvalidRequestError(
      `its files are at ${shown}, which this server does not keep: log the model to this server, or bring it by POST /models/${model}/uploads`,
    );
  }
  const keyOf = (path: string): string => deps.space.locate(joinArtifactPath(root, path)).key;
  const file = await readWhole(deps, keyOf(MLMODEL), {
    what: `${MLMODEL} file at ${shown}`,
    mostBytes: LARGEST_MLMODEL_BYTES,
  });
  const mlmodel = readMlmodel(new TextDecoder().decode(file));
  if (mlmodel.onnxFile === undefined) {
    throw new InvalidRequestError(
      `it has no ONNX flavor, only ${mlmodel.flavors.join(', ')}: convert it and log it by mlflow.onnx.log_model`,
    );
  }
  const bytes = await readWhole(deps, keyOf(parseArtifactPath(mlmodel.onnxFile)), {
    what: `${shorten(mlmodel.onnxFile, LONGEST_SHOWN)} at ${shown}`,
    mostBytes: LARGEST_MODEL_BYTES,
  });
  return { bytes, mlmodel };
};
