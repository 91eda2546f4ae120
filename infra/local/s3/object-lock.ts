import { invalidArgument, s3Error } from './errors.ts';
import type { BucketRecord, DefaultRetention, ObjectRecord, Retention, VersionRecord } from './records.ts';

/**
 * Object Lock: versions that cannot be removed before a date, or while a legal hold stands.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */

type Headers = Readonly<Record<string, string>>;

const DAY_MS = 24 * 60 * 60 * 1_000;
const DAYS_A_YEAR = 365;
export const RETENTION_MODES = ['GOVERNANCE', 'COMPLIANCE'] as const;

const MODE = 'x-amz-object-lock-mode';
const UNTIL = 'x-amz-object-lock-retain-until-date';
const HOLD = 'x-amz-object-lock-legal-hold';

export const requireLockable = (bucket: BucketRecord): void => {
  if (bucket.objectLock === undefined) {
    throw s3Error('InvalidRequest', {}, 'Bucket is missing Object Lock Configuration');
  }
};

/** A retention as a request gives it. @throws AwsError */
export const checkedRetention = (mode: string, until: string, nowMs: number): Retention => {
  const known = RETENTION_MODES.find((candidate) => candidate === mode);
  if (known === undefined) throw s3Error('MalformedXML', {}, 'Unknown wormMode directive.');
  const untilMs = Date.parse(until);
  if (Number.isNaN(untilMs))
    throw invalidArgument('The retain until date must be provided in ISO 8601 format', UNTIL, until);
  if (untilMs <= nowMs) throw invalidArgument('The retain until date must be in the future!', UNTIL, until);
  return { mode: known, untilMs };
};

export const checkedHold = (status: string | undefined): boolean => {
  if (status !== 'ON' && status !== 'OFF') throw s3Error('MalformedXML');
  return status === 'ON';
};

interface Lock {
  readonly retention?: Retention;
  readonly legalHold?: boolean;
}

/** What the headers of a write lock. @throws AwsError */
export const lockOf = (headers: Headers, bucket: BucketRecord, nowMs: number): Lock => {
  const { [MODE]: mode, [UNTIL]: until, [HOLD]: hold } = headers;
  if (mode === undefined && until === undefined && hold === undefined) return {};
  requireLockable(bucket);
  if ((mode === undefined) !== (until === undefined)) {
    throw s3Error('InvalidArgument', {}, `${UNTIL} and ${MODE} must both be supplied`);
  }
  return {
    ...(mode === undefined || until === undefined ? {} : { retention: checkedRetention(mode, until, nowMs) }),
    ...(hold === undefined ? {} : { legalHold: checkedHold(hold) }),
  };
};

export const defaultDays = ({ days, years }: DefaultRetention): number => days ?? (years ?? 0) * DAYS_A_YEAR;

/** The bucket's default retention, for an object that brings none. */
export const withDefaultRetention = ({ objectLock }: BucketRecord, object: ObjectRecord): ObjectRecord => {
  const rule = objectLock?.defaultRetention;
  if (rule === undefined || object.retention !== undefined) return object;
  const untilMs = object.modifiedAtMs + defaultDays(rule) * DAY_MS;
  return { ...object, retention: { mode: rule.mode, untilMs } };
};

export const lockHeaders = ({ retention, legalHold }: ObjectRecord): Headers => ({
  ...(retention ? { [MODE]: retention.mode, [UNTIL]: new Date(retention.untilMs).toISOString() } : {}),
  ...(legalHold === undefined ? {} : { [HOLD]: legalHold ? 'ON' : 'OFF' }),
});

/** Whether a version may not be removed at an instant. A governance lock yields to who may bypass it. */
export const isLocked = ({ object }: VersionRecord, nowMs: number, bypassGovernance: boolean): boolean => {
  if (object?.legalHold === true) return true;
  if (object?.retention === undefined || object.retention.untilMs <= nowMs) return false;
  return object.retention.mode === 'COMPLIANCE' || !bypassGovernance;
};

export const protectedByLock = () =>
  s3Error('AccessDenied', {}, 'Access Denied because object protected by object lock.');

/** A retention may always be made stricter; only a governance one may be loosened, by who may bypass it. */
export const requireRetentionChange = (
  before: Retention | undefined,
  after: Retention | undefined,
  { nowMs, bypassGovernance }: { readonly nowMs: number; readonly bypassGovernance: boolean },
): void => {
  if (before === undefined || before.untilMs <= nowMs) return;
  const stricter =
    after !== undefined &&
    after.untilMs >= before.untilMs &&
    (before.mode === 'GOVERNANCE' || after.mode === 'COMPLIANCE');
  if (stricter || (before.mode === 'GOVERNANCE' && bypassGovernance)) return;
  throw protectedByLock();
};

export const bypassesGovernance = (headers: Headers): boolean =>
  headers['x-amz-bypass-governance-retention']?.toLowerCase() === 'true';
