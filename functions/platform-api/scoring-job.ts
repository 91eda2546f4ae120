import { createHash } from 'node:crypto';
import { type ScoringJob, ScoringJobSchema, scoringJobKey } from '../../shared/contracts/batch-scoring.ts';
import { parseJsonFile, toJsonFile } from '../../shared/contracts/json-file.ts';
import { MOST_PARTS, scoringPlaces } from '../../shared/core/batch-scoring/index.ts';
import { requirePackaged } from '../../shared/core/registry/index.ts';
import { AlreadyExistsError, InvalidRequestError, NotFoundError } from '../../shared/kernel/errors.ts';
import { showValue } from '../../shared/kernel/show-value.ts';
import type { PlatformDeps } from './routes.ts';

/** A job of batch scoring, put on record when it is first asked for: which model, which objects, where to. */

export interface ScoringRequest {
  readonly model: string;
  /** The caller's own id for it. @default the digest of the model, the objects and the place of the output */
  readonly id: string | undefined;
  readonly body: {
    readonly input: string;
    readonly version?: number | undefined;
    readonly alias?: string | undefined;
    readonly output?: string | undefined;
  };
  readonly principal: string;
}

type Deps = Pick<PlatformDeps, 'registry' | 'artifacts' | 'captures' | 'clock' | 'batchScoring'>;

const DEFAULT_ALIAS = 'champion';

const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);

/** The request's words, in one order. */
const askedOf = ({ input, version, alias, output }: ScoringRequest['body']): string =>
  JSON.stringify([input, version ?? alias ?? DEFAULT_ALIAS, output ?? null]);

/** @throws NotFoundError */
export const readJob = async (
  { artifacts }: Pick<Deps, 'artifacts'>,
  model: string,
  jobId: string,
): Promise<ScoringJob> => {
  try {
    const key = scoringJobKey(model, jobId);
    return parseJsonFile(ScoringJobSchema, await artifacts.get(key), key);
  } catch (error) {
    if (error instanceof NotFoundError) throw new NotFoundError(`${model} has no batch scoring ${showValue(jobId)}`);
    throw error;
  }
};

const versionOf = async (
  { registry }: Deps,
  model: string,
  { version, alias = DEFAULT_ALIAS }: ScoringRequest['body'],
) => {
  if (version !== undefined) return requirePackaged(await registry.getVersion(model, version), 'scored with');
  const { aliases } = await registry.getModel(model);
  const found = aliases[alias];
  if (found === undefined) throw new NotFoundError(`model ${model} has no alias ${showValue(alias)}`);
  return requirePackaged(await registry.getVersion(model, found), 'scored with');
};

const listInput = async ({ captures: data }: Deps, input: string): Promise<ScoringJob['objects']> => {
  const found = await data.list(input, MOST_PARTS);
  const objects = found.filter(({ key }) => key.endsWith('.parquet'));
  if (objects.length === 0) {
    throw new InvalidRequestError(`no .parquet object lies below ${input}, which has ${found.length} objects`);
  }
  return objects.map(({ key, etag, sizeBytes }) => ({ key, etag, sizeBytes }));
};

/** @throws AlreadyExistsError when the id is taken by another request. */
const requireSame = (standing: ScoringJob, asked: string): ScoringJob => {
  if (standing.asked === asked) return standing;
  throw new AlreadyExistsError(
    `batch scoring ${standing.jobId} of ${standing.model} was asked for before by ${standing.principal} with another input, version or output`,
  );
};

/**
 * The job that a request asks for: the one that stands, or a new one, of the objects that lie there now.
 * @throws InvalidRequestError, NotFoundError, AlreadyExistsError
 */
export const jobFor = async (deps: Deps, { model, id, body, principal }: ScoringRequest): Promise<ScoringJob> => {
  const asked = askedOf(body);
  const places = scoringPlaces(body, deps.batchScoring.dataBucket);
  if (id !== undefined && (await deps.artifacts.exists(scoringJobKey(model, id)))) {
    return requireSame(await readJob(deps, model, id), asked);
  }
  const version = await versionOf(deps, model, body);
  const { modelDigest, artifactPrefix } = version;
  const objects = await listInput(deps, places.input);
  const listed = objects.map(({ key, etag }) => [key, etag]);
  const job: ScoringJob = {
    schemaVersion: 1,
    model,
    jobId: id ?? digestOf([modelDigest, places.output, listed]),
    version: version.version,
    modelDigest,
    artifactPrefix,
    ...places,
    principal,
    askedAtMs: deps.clock.nowMs(),
    asked,
    objects,
  };
  const key = scoringJobKey(model, job.jobId);
  if (await deps.artifacts.putIfAbsent(key, toJsonFile(job), 'application/json')) return job;
  const standing = await readJob(deps, model, job.jobId);
  // Of the digest of what is scored it is the same job, in whatever words it was asked for.
  return id === undefined ? standing : requireSame(standing, asked);
};
