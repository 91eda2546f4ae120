import { driftReportKey, runPrefix, skewReportKey } from '../../contracts/artifacts.ts';
import { REPORT_FILE } from '../../contracts/evaluation.ts';
import { performanceReportKey } from '../../contracts/performance-report.ts';
import { RETRAINING_WORTH_FILE, STALENESS_FILE } from '../../contracts/retraining-worth.ts';
import { testReportKey } from '../../contracts/test-suite.ts';
import type {
  NotificationRecord,
  Picture,
  PictureFacts,
  pictureOf,
  RetrainingFacts,
} from '../../core/notifications/index.ts';
import type { EvaluationDetails, RolloutFacts } from '../../core/reports/index.ts';
import { logLine } from '../../kernel/log.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import type { RolloutEvidenceStore } from '../../ports/rollout-evidence.ts';
import type { VersionFiles } from '../../ports/version-files.ts';
import { readRollout } from './read-model-facts.ts';
import { readJson } from './read-reports.ts';

/** Where the facts of pictures are on record. */
export interface PictureStores {
  readonly data: Pick<ArtifactStore, 'get'>;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly registry: Pick<ModelRegistry, 'getRollout' | 'getVersion'>;
  readonly rolloutEvidence: Pick<RolloutEvidenceStore, 'get' | 'listLooks'>;
  readonly files: Pick<VersionFiles, 'read'>;
}

/** By subject, the report of a day that has the picture. */
const REPORTS: Readonly<
  Record<string, readonly [keyof PictureFacts, (model: string, day: string) => string] | undefined>
> = {
  drift: ['drift', driftReportKey],
  quality: ['performance', performanceReportKey],
  tests: ['tests', testReportKey],
  'alarm-skew': ['skew', skewReportKey],
};

const readOfRun = async ({ artifacts }: PictureStores, model: string, runId: string): Promise<RetrainingFacts> => {
  const prefix = runPrefix(model, runId);
  const [worth, staleness] = await Promise.all([
    readJson<RetrainingFacts['worth']>(artifacts, `${prefix}${RETRAINING_WORTH_FILE}`),
    readJson<RetrainingFacts['staleness']>(artifacts, `${prefix}${STALENESS_FILE}`),
  ]);
  return { worth, staleness };
};

const readOfRollout = async (
  stores: PictureStores,
  model: string,
  rolloutId: string,
): Promise<RolloutFacts | undefined> => {
  const rollout = await stores.registry.getRollout(model, rolloutId);
  return rollout && readRollout(stores, rollout);
};

const readOfVersion = async (
  { registry, files }: PictureStores,
  model: string,
  number: number,
): Promise<EvaluationDetails | undefined> => {
  const version = await registry.getVersion(model, number);
  // What is only referred to was never evaluated here.
  if (version.status === 'REFERENCED') return undefined;
  const body = await files.read(version, REPORT_FILE);
  return body && (JSON.parse(new TextDecoder().decode(body)) as EvaluationDetails);
};

const readFacts = async (
  stores: PictureStores,
  { model, subject, day, pictured }: NotificationRecord,
): Promise<PictureFacts> => {
  if (pictured !== undefined && 'runId' in pictured)
    return { retraining: await readOfRun(stores, model, pictured.runId) };
  if (pictured !== undefined && 'rolloutId' in pictured)
    return { rollout: await readOfRollout(stores, model, pictured.rolloutId) };
  if (pictured !== undefined) return { evaluation: await readOfVersion(stores, model, pictured.version) };
  const place = REPORTS[subject];
  if (place === undefined || day === undefined) return {};
  const [name, keyOf] = place;
  return { [name]: await readJson(stores.data, keyOf(model, day)) };
};

/** The picture that explains an episode. Whatever keeps it from being drawn, people are told, and told that it is missing. */
export const readPicture = async (
  stores: PictureStores,
  record: NotificationRecord,
  draw: typeof pictureOf,
): Promise<Picture> => {
  try {
    return draw(record.event, await readFacts(stores, record));
  } catch (error) {
    const { id, model, subject } = record;
    const errorName = error instanceof Error ? error.name : 'unknown error';
    const errorMessage = error instanceof Error ? error.message : String(error);
    logLine('warn', 'notification without its picture', { id, model, subject, errorName, errorMessage });
    return { missing: `what it is drawn from could not be read (${errorName})` };
  }
};
