import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { isRollBack } from '../../shared/core/deployment/index.ts';
import type { ModelRecords, RecordedDefinition } from '../../shared/core/ml-test-score/index.ts';
import { isPackaged, type ModelVersion, type PackagedVersion, type Rollout } from '../../shared/core/registry/index.ts';
import type { Attestations } from '../../shared/ports/attestations.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { VersionEvaluations } from '../../shared/ports/version-evaluations.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';
import { readDailyReports } from './read-daily-reports.ts';
import type { Bucket } from './read-record.ts';
import { readReleases } from './read-releases.ts';
import { readReplay, readReproductions, readStaleness } from './read-runs.ts';
import { readFeatureNames, readVersion } from './read-version.ts';
import { tracePrediction } from './trace-prediction.ts';

export interface RecordSources {
  readonly definitions: Definitions;
  readonly registry: Pick<
    ModelRegistry,
    'getDeployment' | 'getVersion' | 'getRun' | 'listVersions' | 'listRuns' | 'listRollouts'
  >;
  readonly evaluations: Pick<VersionEvaluations, 'list'>;
  readonly attestations: Pick<Attestations, 'list'>;
  readonly files: Pick<VersionFiles, 'read'>;
  readonly artifacts: Bucket;
  readonly data: Bucket;
}

interface Asked {
  readonly model: string;
  /** The last whole UTC day. */
  readonly day: string;
  readonly nowMs: number;
}

/** Newest of each that are looked at: a page. */
const RECENT = 100;
/** Promoted versions whose features are compared. */
const COMPARED_VERSIONS = 6;

const retrainingCauses = ({ retraining }: ModelDefinition): readonly string[] => [
  ...(retraining.onDrift ? ['drift'] : []),
  ...(retraining.onQuality ? ['quality'] : []),
  ...(retraining.onNewData ? ['new data'] : []),
  ...(retraining.schedule === undefined ? [] : ['a schedule']),
  ...(retraining.maxAgeDays === undefined ? [] : ['its age']),
];

const definedAs = (definition: ModelDefinition): RecordedDefinition => ({
  task: definition.task,
  approval: definition.approval,
  featureViewCount: definition.featureViews?.length ?? 0,
  notificationCount: definition.notifications?.length ?? 0,
  retrainsOn: retrainingCauses(definition),
});

const featureListsOf = async (
  files: RecordSources['files'],
  versions: readonly ModelVersion[],
  rollouts: readonly Rollout[],
): Promise<ModelRecords['featureLists']> => {
  const promoted = new Set(rollouts.filter(({ status }) => status === 'PROMOTED').map(({ version }) => version));
  const compared = versions.filter(isPackaged).filter(({ version }) => promoted.has(version));
  const lists = await Promise.all(
    compared.slice(0, COMPARED_VERSIONS).map(async (version) => {
      const features = await readFeatureNames(files, version);
      return features === undefined ? [] : [{ version: version.version, features }];
    }),
  );
  return lists.flat();
};

/** What is only asked of a version that serves. */
const recordsOf = async (
  sources: RecordSources,
  { model, day }: Asked,
  { version, rollouts }: { readonly version: PackagedVersion | undefined; readonly rollouts: readonly Rollout[] },
) => {
  if (version === undefined) return { scores: [] };
  const { registry, evaluations, artifacts } = sources;
  const promotion = rollouts.find(
    (rollout) =>
      rollout.status === 'PROMOTED' &&
      rollout.kind === 'model' &&
      rollout.version === version.version &&
      !isRollBack(rollout),
  );
  const [run, files, scores, replay, trace] = await Promise.all([
    registry.getRun(model, version.runId),
    readVersion(sources, version),
    evaluations.list(model, version.version),
    readReplay(artifacts, promotion),
    tracePrediction(sources, version, day),
  ]);
  return { version, run, ...files, scores, replay, trace };
};

/** Reads what the platform has on record about a model. */
export const gatherRecords = async (sources: RecordSources, asked: Asked): Promise<ModelRecords> => {
  const { definitions, registry, attestations, files, artifacts, data } = sources;
  const { model, day, nowMs } = asked;
  const definition = definitionOf(definitions, model);
  const [deployment, versionPage, runPage, rolloutPage, words, daily, reproductions] = await Promise.all([
    registry.getDeployment(model),
    registry.listVersions(model, RECENT),
    registry.listRuns(model, RECENT),
    registry.listRollouts(model, RECENT),
    attestations.list(model),
    readDailyReports(data, { model, day }),
    readReproductions(artifacts, model),
  ]);
  const [versions, runs, rollouts] = [versionPage.items, runPage.items, rolloutPage.items];
  const deployed = deployment && (await registry.getVersion(model, deployment.version));
  const serving = deployed !== undefined && isPackaged(deployed) ? deployed : undefined;
  const { windowDays } = definition.monitors;
  const [ofVersion, staleness, releases, featureLists] = await Promise.all([
    recordsOf(sources, asked, { version: serving, rollouts }),
    readStaleness(artifacts, model, runs),
    readReleases(data, { model, day, windowDays, versions, rollouts }),
    featureListsOf(files, versions, rollouts),
  ]);
  return {
    model,
    nowMs,
    definition: definedAs(definition),
    versions,
    runs,
    rollouts,
    featureLists,
    reproductions,
    staleness,
    releases,
    attestations: words,
    ...daily,
    ...ofVersion,
  };
};
