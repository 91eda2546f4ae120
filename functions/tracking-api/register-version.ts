import { packageSource } from '../../shared/contracts/registry.ts';
import {
  IS_PROMPT_TAG,
  isLocalSource,
  isPackaged,
  type ModelVersion,
  parseModelUri,
  requireDescription,
  requireLink,
  requireVersionSource,
} from '../../shared/core/registry/index.ts';
import { InvalidRequestError, NotFoundError } from '../../shared/kernel/errors.ts';
import type { ModelCatalog, NewVersion } from '../../shared/ports/model-catalog.ts';
import { authorOf, modelNameOf, registryTagsOf } from './decode-registry.ts';
import { checkRunId, filledText } from './decode-tracking.ts';
import type { WorkspacePorts } from './deps.ts';
import { encodeModelVersion } from './encode-model-version.ts';
import type { MlflowAnswer, MlflowCall } from './mlflow-route.ts';
import { announce } from './registry-event.ts';

/** Where a version's files are, and the run that made it, as far as its source says. */
type Origin = Pick<NewVersion, 'storageLocation' | 'runId'>;

/** Of a version with a package that: what is loaded by the version's number is what serves. */
export const storageLocationOf = (version: ModelVersion): string =>
  isPackaged(version) ? packageSource(version.artifactPrefix) : (version.storageLocation ?? version.source);

/** Looks at the run or logged model only for a local path, which may be theirs. */
const requireSource = async (
  { tracking, loggedModels }: WorkspacePorts,
  source: string,
  from: { readonly runId: string | undefined; readonly modelId: string | undefined },
): Promise<void> => {
  const { runId, modelId } = from;
  const kind = modelId === undefined ? 'run_id' : 'model_id';
  if (!isLocalSource(source)) return requireVersionSource(source, kind);
  if (modelId !== undefined) return requireVersionSource(source, kind, (await loggedModels.get(modelId)).artifactUri);
  if (runId === undefined) return requireVersionSource(source, kind);
  requireVersionSource(source, kind, (await tracking.getRun(checkRunId(runId))).info.artifactUri);
};

const versionByAlias = async (catalog: ModelCatalog, name: string, alias: string): Promise<ModelVersion> => {
  const { aliases } = await catalog.getModel(name);
  const version = Object.hasOwn(aliases, alias) ? aliases[alias] : undefined;
  if (version === undefined) throw new NotFoundError(`Registered model alias ${alias} not found.`);
  return catalog.getVersion(name, version);
};

/** Follows `models:/…` to the storage behind it, once: what a version names is not followed again. */
const originOf = async ({ catalog, loggedModels }: WorkspacePorts, source: string): Promise<Origin> => {
  const uri = parseModelUri(source);
  if (uri === undefined) return {};
  try {
    if (uri.kind === 'logged-model') {
      const { artifactUri, sourceRunId } = await loggedModels.get(uri.modelId);
      return { storageLocation: artifactUri, ...(sourceRunId === undefined ? {} : { runId: sourceRunId }) };
    }
    const version =
      uri.kind === 'version'
        ? await catalog.getVersion(uri.name, uri.version)
        : await versionByAlias(catalog, uri.name, uri.alias);
    return { storageLocation: storageLocationOf(version) };
  } catch (cause) {
    if (!(cause instanceof NotFoundError || cause instanceof InvalidRequestError)) throw cause;
    const message = `Unable to fetch model from model URI source artifact location '${source}'. Error: ${cause.message}`;
    throw new NotFoundError(message, { cause });
  }
};

/** A prompt has no files: its text is a tag. */
const promptData = (tags: NewVersion['tags']) => {
  const shown = Object.entries(tags).filter(([key]) => !key.startsWith('mlflow.prompt.'));
  return { template: tags['mlflow.prompt.text'] ?? null, tags: Object.fromEntries(shown) };
};

const announceVersion = (call: MlflowCall, { model: name, version, ...about }: ModelVersion): Promise<void> => {
  const { source, runId = null, description, tags } = about;
  const common = { name, version: String(version), description: description || null };
  return Object.hasOwn(tags, IS_PROMPT_TAG)
    ? announce(call, { entity: 'prompt_version', action: 'created', data: { ...common, ...promptData(tags) } })
    : announce(call, {
        entity: 'model_version',
        action: 'created',
        data: { ...common, source, run_id: runId, tags },
      });
};

const decode = ({ input, principal }: MlflowCall): NewVersion => {
  const runId = filledText(input, 'run_id');
  const runLink = filledText(input, 'run_link');
  const modelId = filledText(input, 'model_id');
  return {
    source: input.requiredText('source'),
    description: requireDescription(input.text('description') ?? ''),
    tags: registryTagsOf(input),
    userId: principal,
    ...(runId === undefined ? {} : { runId: requireLink('run_id', runId) }),
    ...(runLink === undefined ? {} : { runLink: requireLink('run_link', runLink) }),
    ...(modelId === undefined ? {} : { modelId: requireLink('model_id', modelId) }),
  };
};

/** The run behind a logged model, when the request names none. */
const sourceRunOf = async ({ loggedModels }: WorkspacePorts, modelId: string | undefined): Promise<Origin> => {
  if (modelId === undefined) return {};
  const { sourceRunId } = await loggedModels.get(modelId);
  return sourceRunId === undefined ? {} : { runId: sourceRunId };
};

/** `model-versions/create`: the next version of a model from the files at a source. */
export const registerVersion = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports, nowMs } = call;
  const name = modelNameOf(input);
  const asked = decode(call);
  const { source, runId, modelId, tags } = asked;
  const isPromptVersion = Object.hasOwn(tags, IS_PROMPT_TAG);
  if (!isPromptVersion) await requireSource(ports, source, { runId, modelId });
  const fromSource = await originOf(ports, source);
  const fromModel = isPromptVersion ? {} : await sourceRunOf(ports, modelId);
  const version = await ports.catalog.createVersion(name, { ...fromModel, ...fromSource, ...asked }, authorOf(call));
  if (modelId !== undefined && !isPromptVersion) {
    await ports.loggedModels.recordRegistration(modelId, { name, version: String(version.version) }, nowMs);
  }
  await announceVersion(call, version);
  return { model_version: encodeModelVersion(version, { aliases: {} }) };
};
