import { joinArtifactPath, parseArtifactPath } from '../../shared/core/artifacts/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { shorten } from '../../shared/kernel/show-value.ts';
import type { TrackingArtifacts } from '../../shared/ports/tracking-artifacts.ts';
import { encodeFiles } from './encode-artifact.ts';
import type { MlflowAnswer } from './mlflow-route.ts';

/** What lies below the artifact URI of a run, a model version or a logged model. */

/**
 * @param owner as an error names it: `run 5d3…`.
 * @param path as the caller named it, relative to the URI.
 * @throws InvalidRequestError for a path that leads out, and for a URI of somebody else's storage: nobody here has its
 * credentials.
 */
export const artifactBelow = (
  artifacts: Pick<TrackingArtifacts, 'pathOf'>,
  { owner, uri, path }: { readonly owner: string; readonly uri: string; readonly path: string },
): string => {
  const root = artifacts.pathOf(uri);
  if (root === undefined) {
    throw new InvalidRequestError(
      `the artifacts of ${owner} are at ${shorten(uri, 300)}, which this server does not keep: read them there with credentials of your own`,
    );
  }
  return joinArtifactPath(root, parseArtifactPath(path));
};

/** The answer that lists a directory below a URI, its files by their path below the URI. */
export const listBelow = async (
  artifacts: TrackingArtifacts,
  place: { readonly owner: string; readonly uri: string; readonly path: string },
): Promise<MlflowAnswer> => ({
  root_uri: place.uri,
  ...encodeFiles(await artifacts.list(artifactBelow(artifacts, place)), parseArtifactPath(place.path)),
});

/** A URL under which a browser saves a file by its name. @throws NotFoundError */
export const attachmentUrl = async (artifacts: TrackingArtifacts, path: string): Promise<string> => {
  await artifacts.describe(path);
  return artifacts.downloadUrl(path, { attachmentName: path.slice(path.lastIndexOf('/') + 1) });
};
