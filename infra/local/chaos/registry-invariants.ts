import type { RunStatus } from '../../../shared/core/registry/index.ts';
import type { ChaosFacts, ModelFacts, StandingEdge } from './facts.ts';
import { type Invariant, ofEachModel } from './invariant.ts';

/** What must stand in the registry, in the artifact bucket and in the lineage. */

/** The numbers run from 1 to the counter, and each belongs to exactly one run. */
const numbersAreGapless = ofEachModel(({ latestVersion, versions, runVersions }) => {
  const numbers = versions.map(({ version }) => version).toSorted((a, b) => a - b);
  const expected = Array.from({ length: latestVersion }, (_, i) => i + 1);
  const breaches: string[] = [];
  if (numbers.join() !== expected.join()) breaches.push(`versions are ${numbers.join()}, counted are ${latestVersion}`);
  for (const { version, runId } of versions) {
    if (runVersions[runId] !== version) {
      breaches.push(`version ${version} is of run ${runId}, which claims ${runVersions[runId] ?? 'none'}`);
    }
  }
  if (Object.keys(runVersions).length !== versions.length) {
    breaches.push(`${Object.keys(runVersions).length} runs claim ${versions.length} versions`);
  }
  return breaches;
});

const artifactsAreWhole = ofEachModel(({ versions, artifacts }) =>
  versions.flatMap(({ version, manifestDigest, modelDigest }) => {
    const found = artifacts.find((artifact) => artifact.version === version);
    if (found?.manifestDigest !== manifestDigest) {
      return [`version ${version} has manifest ${found?.manifestDigest ?? 'none'}, registered is ${manifestDigest}`];
    }
    const wrong = Object.entries(found.files).filter(([, { found: is, stated }]) => is === undefined || is !== stated);
    const breaches = wrong.map(([file]) => `version ${version}: ${file} is not what its manifest states`);
    const onnx = found.files['model.onnx']?.found;
    return onnx === modelDigest ? breaches : [...breaches, `version ${version}: model.onnx is ${onnx ?? 'missing'}`];
  }),
);

/** How an execution may stand whose run stands so. */
const EXECUTION_STATUSES: Readonly<Record<RunStatus, readonly string[]>> = {
  RUNNING: ['RUNNING'],
  FINISHED: ['SUCCEEDED'],
  FAILED: ['FAILED', 'TIMED_OUT', 'ABORTED'],
};

/** A run says FINISHED with a version exactly if that version names the run, and agrees with its execution. */
const runsAgree = ofEachModel(({ name, runs, runVersions, versions }, { executions }) => {
  const breaches: string[] = [];
  const executionOf = new Map(
    executions.filter(({ workflow }) => workflow === `train-${name}`).map((execution) => [execution.name, execution]),
  );
  for (const { runId, status, version } of runs) {
    if (version !== undefined && runVersions[runId] !== version) {
      breaches.push(`run ${runId} ended with version ${version}, registered is ${runVersions[runId] ?? 'none'}`);
    }
    const execution = executionOf.get(runId)?.status;
    if (execution !== undefined && !EXECUTION_STATUSES[status].includes(execution)) {
      breaches.push(`run ${runId} is ${status}, its execution ${execution}`);
    }
  }
  for (const { runId, version } of versions) {
    const run = runs.find((one) => one.runId === runId);
    if (run?.status === 'FINISHED' && run.version === undefined) {
      breaches.push(`run ${runId} ended as refused, yet version ${version} is registered`);
    }
  }
  return breaches;
});

const edgeName = ({ upstream, downstream }: StandingEdge): string =>
  `${upstream.kind} ${upstream.id} > ${downstream.kind} ${downstream.id}`;

/** The last day of each window: which of them have a report is the drift checks' matter. */
const windowNodes = ({ name, windows }: ModelFacts): readonly string[] =>
  windows.flatMap(({ day }) => [`prediction-window ${name}/${day}`, `monitor-run ${name}/${day}`]);

/** What has no item of its own: datasets, and the features that a definition computes. */
const isNamedByEdgesAlone = ({ kind }: { readonly kind: string }): boolean =>
  kind === 'dataset' || kind === 'feature-view';

const nodesOf = (models: readonly ModelFacts[], edges: readonly StandingEdge[]): ReadonlySet<string> => {
  // A run that ended without a version names its snapshot itself.
  const ofRuns = edges.filter(({ downstream }) => downstream.kind === 'run').map(({ upstream }) => upstream);
  return new Set([
    ...ofRuns.filter(({ kind }) => kind === 'dataset-snapshot').map(({ kind, id }) => `${kind} ${id}`),
    ...models.flatMap(windowNodes),
    ...models.flatMap(({ name, versions, runs, rollouts }) => [
      ...versions.map(({ version }) => `model-version ${name}@${version}`),
      ...versions.map(({ datasetSnapshot }) => `dataset-snapshot ${datasetSnapshot}`),
      // An uploaded version's run is known by its version alone.
      ...versions.map(({ runId }) => `run ${name}/${runId}`),
      ...runs.map(({ runId }) => `run ${name}/${runId}`),
      ...runs.map(({ runId }) => `evaluation ${name}/${runId}`),
      ...rollouts.map(({ rolloutId }) => `rollout ${name}/${rolloutId}`),
      ...rollouts
        .filter(({ status }) => status === 'PROMOTED')
        .map(({ rolloutId }) => `deployment ${name}/${rolloutId}`),
    ]),
  ]);
};

/** Every edge stands at both ends, between things that exist; every version and deployment has its edges. */
const lineageIsWhole = ({ lineage, models }: ChaosFacts): readonly string[] => {
  const nodes = nodesOf(models, lineage);
  const breaches: string[] = [];
  const ends = new Map<string, Set<string>>();
  for (const edge of lineage) {
    const name = edgeName(edge);
    ends.set(name, (ends.get(name) ?? new Set()).add(edge.at));
    for (const end of [edge.upstream, edge.downstream]) {
      if (isNamedByEdgesAlone(end)) continue;
      if (!nodes.has(`${end.kind} ${end.id}`)) breaches.push(`edge ${name} dangles: no ${end.kind} ${end.id}`);
    }
  }
  for (const [name, at] of ends) if (at.size !== 2) breaches.push(`edge ${name} stands at its ${[...at]} only`);
  const expected = models.flatMap(({ name, versions, rollouts }) => [
    ...versions.map(({ runId, version }) => `run ${name}/${runId} > model-version ${name}@${version}`),
    ...rollouts.map(({ version, rolloutId }) => `model-version ${name}@${version} > rollout ${name}/${rolloutId}`),
    ...rollouts
      .filter(({ status }) => status === 'PROMOTED')
      .map(({ version, rolloutId }) => `model-version ${name}@${version} > deployment ${name}/${rolloutId}`),
  ]);
  return [...breaches, ...expected.filter((name) => !ends.has(name)).map((name) => `edge ${name} is missing`)];
};

export const REGISTRY_INVARIANTS: readonly Invariant[] = [
  { name: 'no version is lost, doubled or half registered', breaches: numbersAreGapless },
  { name: 'every version has the bytes that were registered', breaches: artifactsAreWhole },
  { name: 'runs, versions and executions agree', breaches: runsAgree },
  { name: 'lineage has no dangling edge and no gap', breaches: lineageIsWhole },
];
