import { InvalidStateError } from '../../kernel/errors.ts';
import { describeFailure } from './describe-failure.ts';
import type { ModelVersion, Packaging, ReferencedVersion } from './model-version.ts';
import { isPackaged } from './packaged.ts';
import { isPrompt } from './registry-tag.ts';

/** How a version that a client registered gets a package of ours, under the number that it has. */

/** Tells readers of tags how far a client's version has come: the state alone. */
export const PACKAGING_TAG = 'millrace.packaging';

type PackagingPlan =
  | { readonly decision: 'start'; readonly version: ReferencedVersion }
  | { readonly decision: 'leave'; readonly reason: string };

/**
 * Whether a version can be packaged.
 * @param isDefined whether a folder of `models/` defines its model: without one there is no input, no gate, no endpoint.
 */
export const planPackaging = (version: ModelVersion, isDefined: boolean): PackagingPlan => {
  const { model, version: number, source, lifecycle, tags } = version;
  const leave = (reason: string): PackagingPlan => ({
    decision: 'leave',
    reason: `model version ${model}@${number} ${reason}`,
  });
  if (isPackaged(version)) return leave(`has its package since run ${version.runId}`);
  if (isPrompt(tags)) return leave('is a prompt: there is nothing to serve');
  if (lifecycle !== undefined) return leave(`is ${lifecycle}: reinstate it first`);
  if (!isDefined) {
    return leave(
      `cannot be served here, no folder of models/ defines ${model}: it stays a reference to ${source}, to be loaded from there by MLflow; add models/${model}/model.ts and deploy, then ask again`,
    );
  }
  return { decision: 'start', version };
};

/**
 * The note to put on a version; undefined where it is none of its business any more: the version has its package, is
 * another one of the same number, or another run has begun with it since.
 */
export const notePackaging = (
  standing: ModelVersion,
  { registeredAtMs, ...packaging }: Packaging & { readonly registeredAtMs: number },
): Packaging | undefined => {
  if (isPackaged(standing) || standing.registeredAtMs !== registeredAtMs) return undefined;
  const { packaging: before } = standing;
  const isOwn = before?.runId === packaging.runId;
  if (packaging.state === 'PENDING') return isOwn ? undefined : packaging;
  return isOwn || before?.state !== 'PENDING' ? packaging : undefined;
};

/** @throws InvalidStateError unless the version is the one that a run has checked, and still waits for its package. */
export const requireUnpackaged = (standing: ModelVersion, registeredAtMs: number): void => {
  const { model, version, lifecycle } = standing;
  if (isPackaged(standing)) {
    throw new InvalidStateError(`model version ${model}@${version} has another package since run ${standing.runId}`);
  }
  if (standing.registeredAtMs !== registeredAtMs) {
    throw new InvalidStateError(`model version ${model}@${version} is another one than the one that was checked`);
  }
  if (lifecycle !== undefined) {
    throw new InvalidStateError(`model version ${model}@${version} is ${lifecycle}: it cannot be packaged`);
  }
};

/** Why a run that was to package a version did not: the caller's own errors are refusals. */
export const packagingFailure = (error: string, cause: string): Pick<Packaging, 'state' | 'reason'> => {
  const reason = describeFailure(error, cause);
  const isRefusal = error === 'InvalidRequestError';
  return isRefusal ? { state: 'REFUSED', reason: reason.slice(error.length + 2) } : { state: 'FAILED', reason };
};

/** How packaging stands, for a person; undefined where nobody tried. */
export const describePackaging = ({
  packaging,
  status,
}: Pick<ModelVersion, 'packaging' | 'status'>): string | undefined => {
  if (packaging === undefined) return undefined;
  const { state, runId, reason = 'no reason is on record' } = packaging;
  switch (state) {
    case 'PENDING':
      return `being packaged for service by run ${runId}`;
    case 'REFUSED':
      return `not packaged for service: ${reason}`;
    case 'FAILED':
      return `packaging failed: ${reason}`;
    case 'PACKAGED':
      return `packaged for service by run ${runId}: ${status}`;
  }
};
