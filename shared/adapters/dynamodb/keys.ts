import { DEFAULT_WORKSPACE } from '../../contracts/registry.ts';

/**
 * The only builder of key strings. `pk`/`sk` are the base table, `gsi1` is the registry's index on
 * `gsi1pk`/`gsi1sk`. Numbers in sort keys are zero-padded, so that their order as text is their order.
 *
 * | Access pattern                     | Index    | Key condition                                | Function            |
 * |------------------------------------|----------|----------------------------------------------|---------------------|
 * | a registered model                 | registry | pk = model#M, sk = model                     | getModel            |
 * | models by name                     | gsi1     | gsi1pk = models                              | listModels          |
 * | names of a workspace's models      | registry | pk = models#W                                | listModels          |
 * | a version                          | registry | pk = HOME, sk = version#NNNNNNNNNN           | getVersion          |
 * | versions, newest first             | registry | pk = HOME, sk begins with version#           | listVersions        |
 * | a model's long tags                | registry | pk = HOME, sk begins with model-tag#         | getModel            |
 * | a version's long tags              | registry | pk = HOME, sk begins with version-tag#N…#    | getVersion          |
 * | what deleted models left           | registry | pk = removed#W                               | deleteModel         |
 * | the version of a run               | registry | pk = model#M, sk = run-version#RUN           | registerVersion     |
 * | a run                              | registry | pk = model#M, sk = run#RUN                   | startRun, endRun    |
 * | runs, newest first                 | gsi1     | gsi1pk = runs#M                              | listRuns            |
 * | a rollout                          | registry | pk = model#M, sk = rollout#ROLLOUT           | getRollout          |
 * | rollouts, newest first             | gsi1     | gsi1pk = rollouts#M                          | listRollouts        |
 * | the rollout that runs              | registry | pk = model#M, sk = rollout-lease             | getServingSnapshot  |
 * | what a rollout is judged by        | registry | pk = model#M, sk = rollout-evidence#ROLLOUT  | rolloutEvidence.get |
 * | looks at a rollout, in order       | registry | pk = looks#M#ROLLOUT, sk = NNNNNNNNNN        | listLooks           |
 * | what serves now                    | registry | pk = model#M, sk = deployment                | getDeployment       |
 * | those two and the model, together  | registry | their three keys                             | getServingSnapshot  |
 * | how requests are divided now       | registry | pk = model#M, sk = routing-plan              | routingPlans.get    |
 * | what a function version may serve  | registry | pk = model#M, sk = routing-roster#DIGEST     | getRoster           |
 * | a request to train                 | registry | pk = training#M, sk = claim#REQUEST          | claim               |
 * | when training started last         | registry | pk = training#M, sk = last-start             | claim               |
 * | what led to a node                 | lineage  | pk = node#KIND#ID, sk begins with upstream#  | upstream            |
 * | what a node led to                 | lineage  | pk = node#KIND#ID, sk begins with downstream#| downstream          |
 *
 * M stands for the model's name, and in a workspace other than the default one for `W/name`. HOME is where a model keeps
 * its versions: `model#M` for one that a pipeline registered, `home#W/ID` for one that a client created, so that it can
 * be renamed, or deleted and created anew, by one write.
 */

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export interface IndexKey {
  readonly gsi1pk: string;
  readonly gsi1sk: string;
}

interface Node {
  readonly kind: string;
  readonly id: string;
}

const VERSION_DIGITS = 10;
const TIME_DIGITS = 15;
const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');
/** A slash in a name is not the one behind a workspace. */
const escaped = (name: string): string => name.replaceAll(/[%/]/g, encodeURIComponent);
const modelPartition = (model: string, workspace = DEFAULT_WORKSPACE): string =>
  workspace === DEFAULT_WORKSPACE ? `model#${escaped(model)}` : `model#${workspace}/${escaped(model)}`;

export const modelKey = (model: string, workspace?: string): Key => ({
  pk: modelPartition(model, workspace),
  sk: 'model',
});
export const modelIndexKey = (model: string): IndexKey => ({ gsi1pk: 'models', gsi1sk: model });

/** The partition of a model's versions and long tags. */
export const nameHome = modelPartition;
export const clientHome = (workspace: string, id: string): string => `home#${workspace}/${id}`;

const modelEntryPartition = (workspace: string): string => `models#${workspace}`;
export const modelEntryKey = (workspace: string, name: string): Key => ({
  pk: modelEntryPartition(workspace),
  sk: name,
});
export const removedModelKey = (workspace: string, home: string): Key => ({ pk: `removed#${workspace}`, sk: home });

export const VERSION_PREFIX = 'version#';
export const versionKey = (home: string, version: number): Key => ({
  pk: home,
  sk: `${VERSION_PREFIX}${padded(version, VERSION_DIGITS)}`,
});
export const MODEL_TAG_PREFIX = 'model-tag#';
export const VERSION_TAG_PREFIX = 'version-tag#';
export const modelTagKey = (home: string, key: string): Key => ({ pk: home, sk: `${MODEL_TAG_PREFIX}${key}` });
export const versionTagKey = (home: string, version: number, key: string): Key => ({
  pk: home,
  sk: `${VERSION_TAG_PREFIX}${padded(version, VERSION_DIGITS)}#${key}`,
});
export const runVersionKey = (model: string, runId: string): Key => ({
  pk: modelPartition(model),
  sk: `run-version#${runId}`,
});

export const runKey = (model: string, runId: string): Key => ({ pk: modelPartition(model), sk: `run#${runId}` });
export const runIndexKey = (model: string, startedAtMs: number, runId: string): IndexKey => ({
  gsi1pk: `runs#${model}`,
  gsi1sk: `${padded(startedAtMs, TIME_DIGITS)}#${runId}`,
});

export const rolloutKey = (model: string, rolloutId: string): Key => ({
  pk: modelPartition(model),
  sk: `rollout#${rolloutId}`,
});
export const rolloutIndexKey = (model: string, startedAtMs: number, rolloutId: string): IndexKey => ({
  gsi1pk: `rollouts#${model}`,
  gsi1sk: `${padded(startedAtMs, TIME_DIGITS)}#${rolloutId}`,
});
/** The id in an index sort key of a run or rollout. */
export const idOfIndexSortKey = (gsi1sk: string): string => gsi1sk.slice(TIME_DIGITS + 1);
export const rolloutLeaseKey = (model: string): Key => ({ pk: modelPartition(model), sk: 'rollout-lease' });
export const rolloutEvidenceKey = (model: string, rolloutId: string): Key => ({
  pk: modelPartition(model),
  sk: `rollout-evidence#${rolloutId}`,
});
/** A partition of its own: looks are many. */
export const rolloutLookKey = (model: string, rolloutId: string, index: number): Key => ({
  pk: `looks#${escaped(model)}#${rolloutId}`,
  sk: padded(index, VERSION_DIGITS),
});
export const deploymentKey = (model: string): Key => ({ pk: modelPartition(model), sk: 'deployment' });
export const routingPlanKey = (model: string): Key => ({ pk: modelPartition(model), sk: 'routing-plan' });
export const routingRosterKey = (model: string, digest: string): Key => ({
  pk: modelPartition(model),
  sk: `routing-roster#${digest}`,
});

export const claimKey = (model: string, requestKey: string): Key => ({
  pk: `training#${model}`,
  sk: `claim#${requestKey}`,
});
export const lastStartKey = (model: string): Key => ({ pk: `training#${model}`, sk: 'last-start' });

export const UPSTREAM_PREFIX = 'upstream#';
export const DOWNSTREAM_PREFIX = 'downstream#';
const nodeText = (node: Node): string => `${node.kind}#${node.id}`;
export const nodePartition = (node: Node): string => `node#${nodeText(node)}`;
/** An edge stands under both of its ends. */
export const edgeKeys = (upstream: Node, downstream: Node): readonly [Key, Key] => [
  { pk: nodePartition(upstream), sk: `${DOWNSTREAM_PREFIX}${nodeText(downstream)}` },
  { pk: nodePartition(downstream), sk: `${UPSTREAM_PREFIX}${nodeText(upstream)}` },
];
