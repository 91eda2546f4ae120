import type { TrainingRun } from '../registry/index.ts';

/**
 * Where an upload stands. REFUSED: it cannot be served, or is not good enough; FAILED: something stopped us, so a new
 * upload of the same file may go through.
 */
type UploadState = 'WAITING_FOR_FILE' | 'UPLOADED' | 'SUBMITTED' | 'CHECKING' | 'REGISTERED' | 'REFUSED' | 'FAILED';

interface UploadReport {
  readonly state: UploadState;
  readonly version?: number;
  /** Every reason against it; none unless it was refused or failed. */
  readonly reasons: readonly string[];
}

const REFUSED_BY_CHECK = 'InvalidRequestError: ';

/** What became of an upload, by the files beside it and the run that took it in. */
export const describeUpload = (known: {
  readonly hasFile: boolean;
  readonly isSubmitted: boolean;
  readonly run?: Pick<TrainingRun, 'status' | 'outcome' | 'version'> | undefined;
  /** What the check found, while the file of it stands. */
  readonly faults?: readonly string[] | undefined;
}): UploadReport => {
  const { hasFile, isSubmitted, run, faults = [] } = known;
  if (run === undefined) {
    if (isSubmitted) return { state: 'SUBMITTED', reasons: [] };
    return { state: hasFile ? 'UPLOADED' : 'WAITING_FOR_FILE', reasons: [] };
  }
  const { status, outcome = '', version } = run;
  if (status === 'RUNNING') return { state: 'CHECKING', reasons: [] };
  if (status === 'FINISHED') {
    return version === undefined
      ? { state: 'REFUSED', reasons: [outcome] }
      : { state: 'REGISTERED', version, reasons: [] };
  }
  if (!outcome.startsWith(REFUSED_BY_CHECK)) return { state: 'FAILED', reasons: [outcome] };
  return { state: 'REFUSED', reasons: faults.length > 0 ? faults : [outcome.slice(REFUSED_BY_CHECK.length)] };
};
