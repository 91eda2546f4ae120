import { readJson } from '../../shared/adapters/pages/read-reports.ts';
import { REFERENCE_PROFILE_FILE } from '../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { DRIFT_REFERENCE_FILE, dayProfilesKey } from '../../shared/contracts/monitoring-keys.ts';
import { testRangesKey } from '../../shared/contracts/test-suite.ts';
import { ALL_TRAFFIC, decodeDay, interpretReference } from '../../shared/core/monitoring/index.ts';
import type { TableProfile } from '../../shared/core/profiles/index.ts';
import type { PackagedVersion } from '../../shared/core/registry/index.ts';
import {
  measureReferenceDays,
  RANGES_VERSION,
  type ReferenceLimits,
  type ReferenceRanges,
  referenceLimits,
  type SuiteFacts,
  type TestedFeature,
  tableValues,
} from '../../shared/core/test-suite/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';

export interface MeasureStores {
  readonly data: Pick<ArtifactStore, 'get' | 'put'>;
  readonly files: Pick<VersionFiles, 'read'>;
}

interface Asked {
  readonly model: string;
  readonly day: string;
  readonly version: PackagedVersion;
  readonly features: readonly TestedFeature[];
  /** Tests that want a limit of the reference. */
  readonly ids: readonly string[];
}

type Training = NonNullable<ReturnType<typeof interpretReference>['training']>;

/** Made once a version: a second of merging and comparing. Those of a version of before measure otherwise, and are made anew. */
const rangesOf = async (data: MeasureStores['data'], { model, version, features }: Asked, training: Training) => {
  const key = testRangesKey(model, version.version);
  const kept = await readJson<ReferenceRanges>(data, key);
  if (kept?.binsId === training.bins.id && kept.schemaVersion === RANGES_VERSION) return kept;
  const ranges = measureReferenceDays(training, features);
  await data.put(key, toJsonFile(ranges), 'application/json');
  return ranges;
};

const NO_LIMITS: ReferenceLimits = referenceLimits({ days: [], values: {} }, []);

const readDay = async (
  data: MeasureStores['data'],
  { model, day }: Asked,
  { plan }: ReturnType<typeof interpretReference>,
): Promise<TableProfile | undefined> => {
  try {
    const bytes = await data.get(dayProfilesKey(model, plan.id, day));
    return decodeDay(bytes, plan.bins).slices.get(ALL_TRAFFIC);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};

/** The day's rows beside those that the version learnt from, and the limits that its days give. */
export const measureTable = async (
  { data, files }: MeasureStores,
  asked: Asked,
): Promise<Pick<SuiteFacts, 'table' | 'limits'>> => {
  const { version, features, ids, day } = asked;
  const profile = await files.read(version, REFERENCE_PROFILE_FILE);
  if (profile === undefined)
    return { table: { missing: `version ${version.version} has no reference profile` }, limits: NO_LIMITS };
  const reference = interpretReference(profile, await files.read(version, DRIFT_REFERENCE_FILE));
  const { training } = reference;
  if (training === undefined) {
    const missing = `version ${version.version} was trained before references were kept by day`;
    return { table: { missing }, limits: NO_LIMITS };
  }
  const limits = referenceLimits(await rangesOf(data, asked, training), ids);
  const current = await readDay(data, asked, reference);
  if (current === undefined || current.rowCount === 0)
    return { table: { missing: `no prediction of ${day} was captured` }, limits };
  return { table: { values: tableValues(training.whole, current, features) }, limits };
};
