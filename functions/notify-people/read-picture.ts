import { readRollout } from '../../shared/adapters/pages/read-model-facts.ts';
import { readJson } from '../../shared/adapters/pages/read-reports.ts';
import { driftReportKey, runPrefix, skewReportKey } from '../../shared/contracts/artifacts.ts';
import { REPORT_FILE } from '../../shared/contracts/evaluation.ts';
import { performanceReportKey } from '../../shared/contracts/performance-report.ts';
import { RETRAINING_WORTH_FILE, STALENESS_FILE } from '../../shared/contracts/retraining-worth.ts';
import { testReportKey } from '../../shared/contracts/test-suite.ts';
import {
  type NotificationRecord,
  type Picture,
  type PictureFacts,
  pictureOf,
  type RetrainingFacts,
} from '../../shared/core/notifications/index.ts';
import { requirePackaged } from '../../shared/core/registry/index.ts';
import type { EvaluationDetails, RolloutFacts } from '../../shared/core/reports/index.ts';
import { logLine } from '../../shared/kernel/log.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { RolloutEvidenceStore } from '../../shared/ports/rollout-evidence.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';

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
  const version = requirePackaged(await registry.getVersion(model, number), 'drawn');
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
export const readPicture = async (stores: PictureStores, record: NotificationRecord): Promise<Picture> => {
  try {
    return pictureOf(record.event, await readFacts(stores, record));
  } catch (error) {
    const { id, model, subject } = record;
    const errorName = error instanceof Error ? error.name : 'unknown error';
    const errorMessage = error instanceof Error ? error.message : String(error);
    logLine('warn', 'notification without its picture', { id, model, subject, errorName, errorMessage });
    return { missing: `what it is drawn from could not be read (${errorName})` };
  }
};
