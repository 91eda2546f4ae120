import type { WireResponse } from '../../contracts.ts';
import { requireBucket, requireObject, type S3Context, type S3Request } from '../bucket-access.ts';
import { s3Error } from '../errors.ts';
import {
  bypassesGovernance,
  checkedHold,
  checkedRetention,
  RETENTION_MODES,
  requireLockable,
  requireRetentionChange,
} from '../object-lock.ts';
import { readDocument } from '../read-document.ts';
import type { BucketRecord, ObjectRecord, VersionRecord } from '../records.ts';
import { childrenNamed, childText, group, leaf, type XmlElement, xmlDocument } from '../xml.ts';

const XML = { 'content-type': 'application/xml' };

const answer = (body: string): WireResponse => ({ status: 200, headers: XML, body });

const lockedObject = (context: S3Context, request: S3Request) => {
  requireLockable(requireBucket(context, request));
  const { bucket, key, query } = request;
  return requireObject(context, { bucket, key, versionId: query.get('versionId') ?? undefined });
};

const save = (context: S3Context, version: VersionRecord, object: ObjectRecord): WireResponse => {
  context.store.transaction(() => context.store.updateObject(version, object));
  return { status: 200 };
};

const noLock = () => s3Error('NoSuchObjectLockConfiguration');

export const getObjectRetention = (context: S3Context, request: S3Request): WireResponse => {
  const { retention } = lockedObject(context, request).object;
  if (retention === undefined) throw noLock();
  const until = new Date(retention.untilMs).toISOString();
  return answer(xmlDocument('Retention', leaf('Mode', retention.mode), leaf('RetainUntilDate', until)));
};

export const putObjectRetention = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const document = await readDocument(request, 'Retention');
  const version = lockedObject(context, request);
  const { retention: before, ...rest } = version.object;
  const nowMs = context.nowMs();
  const mode = childText(document, 'Mode');
  // An empty document removes the retention.
  const after =
    mode === undefined ? undefined : checkedRetention(mode, childText(document, 'RetainUntilDate') ?? '', nowMs);
  requireRetentionChange(before, after, { nowMs, bypassGovernance: bypassesGovernance(request.headers) });
  return save(context, version, after === undefined ? rest : { ...rest, retention: after });
};

export const getObjectLegalHold = (context: S3Context, request: S3Request): WireResponse => {
  const { legalHold } = lockedObject(context, request).object;
  if (legalHold === undefined) throw noLock();
  return answer(xmlDocument('LegalHold', leaf('Status', legalHold ? 'ON' : 'OFF')));
};

export const putObjectLegalHold = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const legalHold = checkedHold(childText(await readDocument(request, 'LegalHold'), 'Status'));
  const version = lockedObject(context, request);
  return save(context, version, { ...version.object, legalHold });
};

export const getObjectLockConfiguration = (context: S3Context, request: S3Request): WireResponse => {
  const { objectLock, name } = requireBucket(context, request);
  if (objectLock === undefined) throw s3Error('ObjectLockConfigurationNotFoundError', { BucketName: name });
  const { defaultRetention: rule } = objectLock;
  return answer(
    xmlDocument(
      'ObjectLockConfiguration',
      leaf('ObjectLockEnabled', 'Enabled'),
      rule === undefined
        ? ''
        : group(
            'Rule',
            group('DefaultRetention', leaf('Mode', rule.mode), leaf('Days', rule.days), leaf('Years', rule.years)),
          ),
    ),
  );
};

const MAX_DAYS = 36_500;
const MAX_YEARS = 100;

/** A period of exactly one unit. @throws AwsError */
export const requirePeriod = (days: number | undefined, years: number | undefined): void => {
  if ((days === undefined) === (years === undefined)) throw s3Error('MalformedXML');
  const within = (value: number | undefined, max: number): boolean =>
    value === undefined || (Number.isInteger(value) && value >= 1 && value <= max);
  if (!within(days, MAX_DAYS))
    throw s3Error('InvalidArgument', {}, 'Default retention period must be a positive integer value.');
  if (!within(years, MAX_YEARS))
    throw s3Error('InvalidArgument', {}, 'Default retention period must be a positive integer value.');
};

const readRule = (rule: XmlElement): NonNullable<BucketRecord['objectLock']> => {
  const [given] = childrenNamed(rule, 'DefaultRetention');
  if (given === undefined) throw s3Error('MalformedXML');
  const mode = RETENTION_MODES.find((candidate) => candidate === childText(given, 'Mode'));
  if (mode === undefined) throw s3Error('MalformedXML');
  const [days, years] = ['Days', 'Years']
    .map((name) => childText(given, name))
    .map((text) => (text === undefined ? text : Number(text)));
  requirePeriod(days, years);
  return {
    defaultRetention: { mode, ...(days === undefined ? {} : { days }), ...(years === undefined ? {} : { years }) },
  };
};

export const putObjectLockConfiguration = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const document = await readDocument(request, 'ObjectLockConfiguration');
  const bucket = requireBucket(context, request);
  if (childText(document, 'ObjectLockEnabled') !== 'Enabled') throw s3Error('MalformedXML');
  if (bucket.versioning !== 'Enabled') {
    throw s3Error(
      'InvalidBucketState',
      {},
      "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    );
  }
  const [rule] = childrenNamed(document, 'Rule');
  const objectLock = rule === undefined ? {} : readRule(rule);
  context.store.transaction(() => context.store.saveBucket({ ...bucket, objectLock }));
  return { status: 200 };
};
