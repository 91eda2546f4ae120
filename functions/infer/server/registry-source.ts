import { hash } from 'node:crypto';
import { MODEL_FILE } from '../../../shared/contracts/artifacts.ts';
import { type ArtifactSpace, joinArtifactPath, parseArtifactPath } from '../../../shared/core/artifacts/index.ts';
import { LARGEST_MLMODEL_BYTES, readMlmodel } from '../../../shared/core/packaging/index.ts';
import {
  isPackaged,
  type ModelVersion,
  type PackagedVersion,
  type ReferencedVersion,
} from '../../../shared/core/registry/index.ts';
import { InvalidStateError, NotFoundError, UnavailableError } from '../../../shared/kernel/errors.ts';
import { shorten } from '../../../shared/kernel/show-value.ts';
import type { ArtifactStore, StoredObject } from '../../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../../shared/ports/model-registry.ts';
import type { DescribedModel, ModelSource } from '../../../shared/ports/model-source.ts';
import { fetchPackage, type PackageDeps, readManifest } from './package-files.ts';

export interface RegistryDeps extends PackageDeps {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'list'>;
  readonly registry: Pick<ModelRegistry, 'getModel' | 'getVersion'>;
  /** Where the artifacts of the default workspace are. */
  readonly space: Pick<ArtifactSpace, 'pathOf' | 'locate'>;
}

const VERSION = /^[1-9]\d{0,8}$/;
const MLMODEL = 'MLmodel';
/** A model's own folder holds a handful of files, and an input example. */
const MOST_FILES = 1_000;
const SHOWN_CHARACTERS = 300;

/** What may serve: an approved package that is in use, or what a client registered without one. */
const requireServable = (found: ModelVersion): ModelVersion => {
  const named = `version ${found.version} of ${found.model}`;
  if (found.collectedAtMs !== undefined) throw new NotFoundError(`${named} is archived: its files are gone`);
  if (isPackaged(found) && found.status !== 'APPROVED') {
    throw new UnavailableError(`${named} is ${found.status}, only an approved version serves`);
  }
  if (found.lifecycle !== undefined) throw new UnavailableError(`${named} is ${found.lifecycle}, it serves no more`);
  return found;
};

/** The version of the path, else the champion, else of a model that no pipeline registers the newest. */
const versionToServe = async ({ registry }: RegistryDeps, model: string, version?: string): Promise<ModelVersion> => {
  if (version !== undefined) {
    if (!VERSION.test(version)) throw new NotFoundError(`model ${model} has no version ${shorten(version, 20)}`);
    return requireServable(await registry.getVersion(model, Number(version)));
  }
  const { aliases, latestVersion, packaged } = await registry.getModel(model);
  const number = aliases.champion ?? (packaged ? 0 : latestVersion);
  if (number === 0) throw new UnavailableError(`no version of ${model} is in service yet`);
  return requireServable(await registry.getVersion(model, number));
};

/** The file itself, and the tag that it has now. */
const objectAt = async ({ artifacts }: RegistryDeps, key: string, what: string): Promise<StoredObject> => {
  const found = (await artifacts.list(key, MOST_FILES)).find((object) => object.key === key);
  if (found === undefined) throw new UnavailableError(`there is no ${what}`);
  return found;
};

/** Where the ONNX model of a version lies that an MLflow client logged and registered. */
const locateReferenced = async (deps: RegistryDeps, version: ReferencedVersion): Promise<StoredObject> => {
  const uri = version.storageLocation ?? version.source;
  const shown = shorten(uri, SHOWN_CHARACTERS);
  const root = deps.space.pathOf(uri);
  if (root === undefined) throw new UnavailableError(`its files are at ${shown}, which is not kept here`);
  const keyOf = (path: string): string => deps.space.locate(joinArtifactPath(root, path)).key;
  const file = await objectAt(deps, keyOf(MLMODEL), `${MLMODEL} file at ${shown}`);
  if (file.sizeBytes > LARGEST_MLMODEL_BYTES) {
    throw new UnavailableError(
      `${MLMODEL} at ${shown} has ${file.sizeBytes} bytes, at most ${LARGEST_MLMODEL_BYTES} are read`,
    );
  }
  const { onnxFile, flavors } = readMlmodel(new TextDecoder().decode(await deps.artifacts.get(file.key, file.etag)));
  if (onnxFile === undefined) {
    throw new UnavailableError(`it has no ONNX flavor, only ${flavors.join(', ')}: log it by mlflow.onnx.log_model`);
  }
  return objectAt(deps, keyOf(parseArtifactPath(onnxFile)), `${onnxFile} at ${shown}`);
};

type Located =
  | { readonly kind: 'package'; readonly version: PackagedVersion }
  | { readonly kind: 'object'; readonly object: StoredObject; readonly name: string };

/** Versions whose place is remembered: it is looked up once, not with every question of what serves. */
const MOST_PLACES = 10_000;

/**
 * Every model of the registry: packaged versions verified as the functions do it, versions of MLflow's clients by the
 * files that they logged.
 */
export const createRegistrySource = (deps: RegistryDeps): ModelSource => {
  const located = new WeakMap<DescribedModel, Located>();
  const known = new Map<string, DescribedModel>();
  const nameOf = (found: Pick<ModelVersion, 'model' | 'version' | 'registeredAtMs'>): string =>
    `${found.model}@${found.version}:${found.registeredAtMs}`;

  const look = async (found: ModelVersion): Promise<DescribedModel> => {
    const describe = (place: Located, digest: string, sizeBytes: number): DescribedModel => {
      const { model, version } = found;
      const described = { model, version: String(version), key: `${model}@${version}:${digest}`, sizeBytes };
      located.set(described, place);
      return described;
    };
    if (!isPackaged(found)) {
      const object = await locateReferenced(deps, found);
      return describe({ kind: 'object', object, name: nameOf(found) }, object.etag, object.sizeBytes);
    }
    const { files } = await readManifest(deps, found);
    return describe({ kind: 'package', version: found }, found.modelDigest, files[MODEL_FILE]?.sizeBytes ?? 0);
  };
  return {
    describe: async (model, version) => {
      const found = await versionToServe(deps, model, version);
      const name = nameOf(found);
      const standing = known.get(name);
      if (standing !== undefined) return standing;
      const described = await look(found);
      if (known.size >= MOST_PLACES) known.clear();
      known.set(name, described);
      return described;
    },
    fetch: async (described) => {
      const place = located.get(described);
      if (place === undefined) throw new InvalidStateError(`${described.key} was described by another source`);
      if (place.kind === 'package') return fetchPackage(deps, described.model, place.version);
      const { key, etag } = place.object;
      const stored = await deps.artifacts.get(key, etag).catch((error: unknown) => {
        // Other bytes, or none: whoever asks next looks again.
        known.delete(place.name);
        throw error;
      });
      const bytes = new Uint8Array(stored);
      return { bytes, digest: hash('sha256', bytes) };
    },
  };
};
