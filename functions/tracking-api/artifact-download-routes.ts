import type { HttpResponse } from '../../shared/http/index.ts';
import { artifactBelow, attachmentUrl, listBelow } from './artifact-root.ts';
import { modelNameOf, versionOf } from './decode-registry.ts';
import { runIdOf } from './decode-tracking.ts';
import { knownRun } from './known-run.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';
import { redirect } from './redirect.ts';
import { storageLocationOf } from './register-version.ts';

/** Artifacts of a run or a model version, by its own paths: for lists, browsers and presigned downloads. */

/** The path below the run's artifact URI that a request names. */
const placeInRun = async ({ input, ports }: MlflowCall, path: string) => {
  const { info } = await knownRun(ports.tracking, runIdOf(input));
  return { owner: `run ${info.runId}`, uri: info.artifactUri, path };
};

const list = async (call: MlflowCall): Promise<MlflowAnswer> =>
  listBelow(call.ports.artifacts, await placeInRun(call, call.input.text('path') ?? ''));

const getOfRun = async (call: MlflowCall): Promise<HttpResponse> => {
  const { artifacts } = call.ports;
  const place = await placeInRun(call, call.input.requiredText('path'));
  return redirect(302, await attachmentUrl(artifacts, artifactBelow(artifacts, place)));
};

const getOfVersion = async ({ input, ports }: MlflowCall): Promise<HttpResponse> => {
  const { artifacts, catalog } = ports;
  const version = await catalog.getVersion(modelNameOf(input), versionOf(input));
  const owner = `model version ${version.model}@${version.version}`;
  const place = { owner, uri: storageLocationOf(version), path: input.requiredText('path') };
  return redirect(302, await attachmentUrl(artifacts, artifactBelow(artifacts, place)));
};

const presignedOfRun = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { artifacts } = call.ports;
  const path = artifactBelow(artifacts, await placeInRun(call, call.input.requiredText('path')));
  const { sizeBytes } = await artifacts.describe(path);
  return { url: await artifacts.downloadUrl(path), headers: {}, file_size: sizeBytes };
};

export const artifactDownloadRoutes: readonly MlflowRoute[] = [
  { method: 'GET', path: '/2.0/mlflow/artifacts/list', handle: list },
  { method: 'POST', path: '/2.0/mlflow/artifacts/presigned-download-url', handle: presignedOfRun },
  { method: 'GET', path: '/get-artifact', root: true, handle: getOfRun },
  { method: 'GET', path: '/model-versions/get-artifact', root: true, handle: getOfVersion },
];
