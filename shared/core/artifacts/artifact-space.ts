import { ForbiddenError } from '../../kernel/errors.ts';
import { DEFAULT_WORKSPACE } from '../tracking-access/index.ts';
import { parseArtifactPath } from './artifact-path.ts';

/** Where a workspace's artifacts lie in the artifact bucket, and which URIs name them. */

/** The pipelines' registered versions lie at `models/<model>/<digest>/…` of the bucket; only the default workspace reads them. */
const REGISTERED = 'models';
const PROXIED_SCHEME = 'mlflow-artifacts:';

export interface ArtifactLocation {
  readonly key: string;
  readonly writable: boolean;
}

export interface ArtifactSpace {
  /**
   * The object that an artifact path names.
   * @param path as the caller named it.
   * @throws InvalidRequestError `Invalid path`.
   * @throws ForbiddenError for `models/…` above a version: other models are not listed.
   */
  locate(path: string): ArtifactLocation;
  /** The artifact path that a URI names; undefined for a URI of somebody else's storage. @throws InvalidRequestError */
  pathOf(uri: string): string | undefined;
}

const rootOf = (workspace: string): string => `tracking/${workspace}/artifacts/`;

/** `mlflow-artifacts:/a` and `mlflow-artifacts:///a`; a URI with a host (`mlflow-artifacts://host/a`) is not ours. */
const proxiedPath = (uri: string): string | undefined => {
  const rest = uri.slice(PROXIED_SCHEME.length);
  if (rest.startsWith('//') && !rest.startsWith('///')) return undefined;
  return rest.replace(/^\/+/, '');
};

export const artifactSpace = ({
  workspace,
  bucket,
}: {
  readonly workspace: string;
  readonly bucket: string;
}): ArtifactSpace => {
  const root = rootOf(workspace);
  const holdsRegistered = workspace === DEFAULT_WORKSPACE;

  const storedPath = (key: string): string | undefined => {
    if (key.startsWith(root)) return key.slice(root.length);
    return holdsRegistered && key.startsWith(`${REGISTERED}/`) ? key : undefined;
  };

  return {
    locate: (path) => {
      const plain = parseArtifactPath(path);
      const [first, ...others] = plain.split('/');
      if (!holdsRegistered || first !== REGISTERED) return { key: `${root}${plain}`, writable: true };
      if (others.length < 2) {
        throw new ForbiddenError(
          `artifact path ${plain} is reserved: registered versions are read at models/<model>/<digest>/…`,
        );
      }
      return { key: plain, writable: false };
    },

    pathOf: (uri) => {
      const ours = `s3://${bucket}/`;
      const path = uri.startsWith(PROXIED_SCHEME)
        ? proxiedPath(uri)
        : uri.startsWith(ours)
          ? storedPath(uri.slice(ours.length))
          : undefined;
      return path === undefined ? undefined : parseArtifactPath(path);
    },
  };
};
