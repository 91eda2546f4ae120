import { InvalidStateError } from '../../kernel/errors.ts';
import type { ModelVersion, PackagedVersion } from './model-version.ts';

/** What only a version with a package can do: approval, rollout, comparison with a candidate. */

export const isPackaged = (version: ModelVersion): version is PackagedVersion => version.modelDigest !== undefined;

/** @throws InvalidStateError for a version that a client registered by its source. */
export const requirePackaged = (version: ModelVersion, purpose: string): PackagedVersion => {
  if (isPackaged(version)) return version;
  throw new InvalidStateError(
    `model version ${version.model}@${version.version} has no package, only the source ${version.source}: ` +
      `it cannot be ${purpose}; POST /models/${version.model}/versions/${version.version}/package makes one where its model is defined` +
      (version.packaging?.reason === undefined ? '' : ` (last time: ${version.packaging.reason})`),
  );
};

/** @throws InvalidStateError unless the version is approved, in use, and has what a rollout places. */
export const requireApproved = (version: ModelVersion): PackagedVersion => {
  const packaged = requirePackaged(version, 'rolled out');
  if (packaged.lifecycle !== undefined) {
    throw new InvalidStateError(
      `version ${version.version} of ${version.model} is ${packaged.lifecycle}: it may not be rolled out any more`,
    );
  }
  if (packaged.status === 'APPROVED') return packaged;
  throw new InvalidStateError(
    `version ${version.version} of ${version.model} must be APPROVED, it is ${packaged.status}`,
  );
};
