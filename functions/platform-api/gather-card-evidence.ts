import type * as v from 'valibot';
import { EVALUATION_FILE } from '../../shared/contracts/artifacts.ts';
import { BILL_OF_MATERIALS_FILE, BillOfMaterialsSchema } from '../../shared/contracts/bill-of-materials.ts';
import { EvaluationSchema } from '../../shared/contracts/evaluation.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { approvalPolicyOf, type CardEvidence, holdoutScore } from '../../shared/core/governance/index.ts';
import type { ModelVersion, Rollout } from '../../shared/core/registry/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { PlatformDeps } from './routes.ts';

type Deps = Pick<PlatformDeps, 'registry' | 'definitions' | 'files' | 'evaluations' | 'comments'>;

const PAGE = 100;
const MOST_ROLLOUT_PAGES = 20;
const MOST_COMMENT_PAGES = 10;

/** Of the version, newest first: none of them can have started before it was registered. */
const rolloutsOf = async ({ registry }: Deps, { model, version, registeredAtMs }: ModelVersion) => {
  const items: Rollout[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_ROLLOUT_PAGES; page += 1) {
    const found = await registry.listRollouts(model, PAGE, cursor);
    items.push(...found.items.filter((rollout) => rollout.version === version));
    cursor = found.nextCursor;
    const oldest = found.items.at(-1)?.startedAtMs ?? 0;
    if (cursor === undefined || oldest < registeredAtMs) return { items, complete: true };
  }
  return { items, complete: false };
};

const countComments = async ({ comments }: Deps, { model, version }: ModelVersion) => {
  let count = 0;
  let cursor: string | undefined;
  for (let page = 0; page < MOST_COMMENT_PAGES; page += 1) {
    const found = await comments.list(model, version, PAGE, cursor);
    count += found.items.length;
    cursor = found.nextCursor;
    if (cursor === undefined) return { count, complete: true };
  }
  return { count, complete: false };
};

/** Undefined without such a file, also where the files were collected. */
const fileOf = async <Schema extends v.GenericSchema>(
  { files }: Deps,
  version: ModelVersion,
  file: string,
  schema: Schema,
): Promise<v.InferOutput<Schema> | undefined> => {
  if (version.modelDigest === undefined || version.collectedAtMs !== undefined) return undefined;
  try {
    const bytes = await files.read(version, file);
    return bytes && parseJsonFile(schema, bytes, file);
  } catch (error) {
    // Archived, its package may go at any moment. Of any other version it must be there.
    if (error instanceof NotFoundError && version.lifecycle === 'ARCHIVED') return undefined;
    throw error;
  }
};

/**
 * Reads what is on record about a version.
 * @throws NotFoundError for a version that does not exist, or whose package is gone.
 * @throws InvalidStateError when a file is not the one that the registry answers for.
 */
export const gatherCardEvidence = async (deps: Deps, model: string, number: number): Promise<CardEvidence> => {
  const { registry, definitions, evaluations } = deps;
  const version = await registry.getVersion(model, number);
  const [registered, evaluation, materials, run, others, rollouts, deployment, comments] = await Promise.all([
    registry.getModel(model),
    fileOf(deps, version, EVALUATION_FILE, EvaluationSchema),
    fileOf(deps, version, BILL_OF_MATERIALS_FILE, BillOfMaterialsSchema),
    version.modelDigest === undefined ? undefined : registry.getRun(model, version.runId),
    evaluations.list(model, number),
    rolloutsOf(deps, version),
    registry.getDeployment(model),
    countComments(deps, version),
  ]);
  const definition = definitions.get(model);
  return {
    version,
    owner: definition?.owner ?? registered.owner,
    deployedDefinition: definition,
    policy: approvalPolicyOf(definition?.approval),
    evaluation,
    materials,
    run,
    scores: [...holdoutScore(version), ...others],
    rollouts,
    deployment,
    comments,
  };
};
