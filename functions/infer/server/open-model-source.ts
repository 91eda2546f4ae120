import { createModelRegistry } from '../../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient, itemReader } from '../../../shared/adapters/dynamodb/table.ts';
import { readVersionEvidence } from '../../../shared/adapters/dynamodb/version-evidence.ts';
import { createArtifactStore, createS3Client } from '../../../shared/adapters/s3/artifact-store.ts';
import { readEnv } from '../../../shared/contracts/env.ts';
import { DEFAULT_WORKSPACE } from '../../../shared/contracts/registry.ts';
import { artifactSpace } from '../../../shared/core/artifacts/index.ts';
import { InvalidRequestError } from '../../../shared/kernel/errors.ts';
import type { ModelSource } from '../../../shared/ports/model-source.ts';
import { readPins } from '../load-served-model.ts';
import { createFolderSource } from './folder-source.ts';
import { createNamedFolders, type NamedFolders } from './named-folders.ts';
import { createPinnedSource } from './pinned-source.ts';
import { createRegistrySource, type RegistryDeps } from './registry-source.ts';
import { toldOfModels } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface OpenedSource {
  readonly source: ModelSource;
  /** Loaded before the server is ready. */
  readonly preload?: string;
  /** Where the server is told of models by requests. */
  readonly folders?: NamedFolders;
}

/** Where SageMaker puts a model into a container. */
const SAGEMAKER_FOLDER = '/opt/ml/model';
const KINDS = ['pinned', 'registry', 'folder'] as const;

const openRegistry = (env: Environment): RegistryDeps => {
  const places = readEnv(['ARTIFACT_BUCKET', 'REGISTRY_TABLE', 'AUDIT_TABLE'], env);
  const client = createDynamoDbClient();
  const [bucket, registryTable] = [places.ARTIFACT_BUCKET, places.REGISTRY_TABLE];
  const tables = { readItem: itemReader(client), registryTable, auditTable: places.AUDIT_TABLE };
  return {
    artifacts: createArtifactStore({ client: createS3Client(), bucket }),
    registry: createModelRegistry({ client, registryTable }),
    space: artifactSpace({ workspace: DEFAULT_WORKSPACE, bucket }),
    readEvidence: (model, version) => readVersionEvidence(tables, model, version),
  };
};

/**
 * Which models a server serves, by MODELS: `pinned` (MODEL_NAME in the version that a rollout pinned), `registry` (every
 * registered model), or `folder` (MODEL_FOLDER, where SageMaker puts them). A container of SageMaker's for many models is
 * told of them by requests instead.
 * @throws InvalidRequestError, or Error naming the variables that are missing.
 */
export const openModelSource = (env: Environment): OpenedSource => {
  if (toldOfModels(env)) {
    const folders = createNamedFolders();
    return { source: folders, folders };
  }
  const pins = readPins(env);
  const kind = env.MODELS || (env.MODEL_NAME && env.REGISTRY_TABLE ? 'pinned' : 'folder');
  if (kind === 'registry') return { source: createRegistrySource(openRegistry(env)) };
  if (kind === 'pinned') {
    const { MODEL_NAME: model } = readEnv(['MODEL_NAME'], env);
    const source = createPinnedSource(openRegistry(env), model, pins);
    return { source, ...(pins === undefined ? {} : { preload: model }) };
  }
  if (kind === 'folder') {
    return { source: createFolderSource(env.MODEL_FOLDER || SAGEMAKER_FOLDER, env.MODEL_NAME || 'model') };
  }
  throw new InvalidRequestError(`MODELS must be one of ${KINDS.join(', ')}, got ${JSON.stringify(kind)}`);
};
