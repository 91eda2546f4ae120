import { REFERENCE_PROFILE_FILE } from '../../shared/contracts/artifacts.ts';
import { type WindowFile, WindowFileSchema } from '../../shared/contracts/drift-workflow.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import {
  DRIFT_CALIBRATION_FILE,
  DRIFT_REFERENCE_FILE,
  dayProfilesKey,
  hourProfilesKey,
} from '../../shared/contracts/monitoring-keys.ts';
import type { DriftCalibration } from '../../shared/core/drift/index.ts';
import {
  ALL_TRAFFIC,
  type DaySummary,
  type DriftWindow,
  decodeDay,
  decodeHours,
  interpretReference,
  mergeHoursByVersion,
  mergeWindow,
  type SharedDays,
  sharedDays,
  type VersionReference,
} from '../../shared/core/monitoring/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';

/** A window, and what it is held to. */
export interface GatheredWindow {
  readonly file: WindowFile;
  readonly window: DriftWindow;
  readonly reference: VersionReference;
  /** Absent of a version that was trained before there were profiles by day. */
  readonly calibration?: DriftCalibration;
}

interface Sources {
  readonly data: Pick<ArtifactStore, 'get'>;
  readonly files: Pick<VersionFiles, 'read'>;
}

interface Request {
  readonly package: Parameters<VersionFiles['read']>[0];
  readonly windowProfileKey: string;
}

/**
 * What each version answered of the days that several did, one day after another: its hours are many times its size. A
 * reference from before profiles by day compares no versions.
 */
const readShared = async (
  data: Sources['data'],
  { model, foldId }: WindowFile,
  { days, reference }: { readonly days: readonly DaySummary[]; readonly reference: VersionReference },
): Promise<SharedDays> => {
  const shared = new Map<string, ReturnType<typeof mergeHoursByVersion>>();
  if (reference.training === undefined) return shared;
  const { bins } = reference.plan;
  for (const day of sharedDays(days)) {
    const { hours } = decodeHours(await data.get(hourProfilesKey(model, foldId, day)), bins, ALL_TRAFFIC);
    shared.set(day, mergeHoursByVersion(bins, hours));
  }
  return shared;
};

/** Reads a window's days and the reference of the version in service, each as their writers left them. */
export const gatherWindow = async ({ data, files }: Sources, request: Request): Promise<GatheredWindow> => {
  const [profile, driftReference, calibration, found] = await Promise.all([
    files.read(request.package, REFERENCE_PROFILE_FILE),
    files.read(request.package, DRIFT_REFERENCE_FILE),
    files.read(request.package, DRIFT_CALIBRATION_FILE),
    data.get(request.windowProfileKey),
  ]);
  const file = parseJsonFile(WindowFileSchema, found, request.windowProfileKey);
  const reference = interpretReference(profile, driftReference);
  const { bins } = reference.plan;
  const days = await Promise.all(
    file.days.map(async (day) => decodeDay(await data.get(dayProfilesKey(file.model, file.foldId, day)), bins)),
  );
  const { fromMs, toMs } = file;
  const shared = await readShared(data, file, { days, reference });
  return {
    file,
    window: mergeWindow({ bins, fromMs, toMs, days, shared }),
    reference,
    ...(calibration === undefined ? {} : { calibration: JSON.parse(new TextDecoder().decode(calibration)) }),
  };
};
