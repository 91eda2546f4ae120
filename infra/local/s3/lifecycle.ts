import type { LocalClock, TimerHandle } from '../contracts.ts';
import type { S3Context } from './bucket-access.ts';
import type { LifecycleRule } from './lifecycle-rule.ts';
import { sendNoted } from './notify.ts';
import { isLocked } from './object-lock.ts';
import { deleteOne } from './operations/delete-object.ts';
import type { BucketRecord, VersionRecord } from './records.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const PAGE = 1_000;
const REQUEST_ID = 'lifecycle';

/** S3 rounds up to the next midnight, UTC. */
const isOlder = (sinceMs: number, days: number, nowMs: number): boolean =>
  Math.ceil((sinceMs + days * DAY_MS) / DAY_MS) * DAY_MS <= nowMs;

/** A version among those of its key, which come newest first. */
interface Placed {
  readonly version: VersionRecord;
  /** When a newer one came, which made it noncurrent. */
  readonly supersededAtMs: number;
  /** Noncurrent versions of the key that are newer. */
  readonly newerNoncurrent: number;
  /** No other version of the key is left. */
  readonly alone: boolean;
}

/** Filters by tag and size look at the object, so that they never hold for a delete marker. */
const isChosen = ({ version: { object } }: Placed, { tags, largerThan, smallerThan }: LifecycleRule): boolean => {
  if (tags === undefined && largerThan === undefined && smallerThan === undefined) return true;
  if (object === undefined) return false;
  const tagged = Object.entries(tags ?? {}).every(([key, value]) => object.tags[key] === value);
  return tagged && object.size > (largerThan ?? -1) && object.size < (smallerThan ?? Number.POSITIVE_INFINITY);
};

const currentExpires = ({ version }: Placed, rule: LifecycleRule, nowMs: number): boolean => {
  if (rule.expirationAtMs !== undefined && rule.expirationAtMs <= nowMs) return true;
  return rule.expirationDays !== undefined && isOlder(version.modifiedAtMs, rule.expirationDays, nowMs);
};

const isDue = (placed: Placed, rule: LifecycleRule, nowMs: number): boolean => {
  const { version, supersededAtMs, newerNoncurrent, alone } = placed;
  if (version.latest && version.object === undefined) return rule.expiredMarkers === true && alone;
  if (!isChosen(placed, rule)) return false;
  if (version.latest) return currentExpires(placed, rule, nowMs);
  if (rule.noncurrentDays === undefined || newerNoncurrent < (rule.keptVersions ?? 0)) return false;
  return isOlder(supersededAtMs, rule.noncurrentDays, nowMs);
};

const moveClass = (context: S3Context, placed: Placed, rule: LifecycleRule): void => {
  const { version, supersededAtMs } = placed;
  if (version.object === undefined || !isChosen(placed, rule)) return;
  const steps = (version.latest ? rule.transitions : rule.noncurrentTransitions) ?? [];
  const sinceMs = version.latest ? version.modifiedAtMs : supersededAtMs;
  const step = steps.filter(({ days }) => isOlder(sinceMs, days, context.nowMs())).sort((a, b) => b.days - a.days)[0];
  if (step === undefined || step.storageClass === version.object.storageClass) return;
  context.store.updateObject(version, { ...version.object, storageClass: step.storageClass });
};

/** The versions of a bucket under a prefix, key by key, newest first within a key. */
const versionsByKey = function* ({ store }: S3Context, bucket: string, prefix: string): Generator<VersionRecord[]> {
  let marker = { afterKey: '', beforeSequence: 0 };
  let versions: VersionRecord[] = [];
  for (;;) {
    const page = store.listVersions(bucket, { prefix, ...marker, limit: PAGE });
    for (const version of page) {
      if (versions.length > 0 && versions[0]?.key !== version.key) {
        yield versions;
        versions = [];
      }
      versions.push(version);
    }
    const last = page.at(-1);
    if (last === undefined) break;
    marker = { afterKey: last.key, beforeSequence: last.sequence };
  }
  if (versions.length > 0) yield versions;
};

const place = (versions: readonly VersionRecord[]): readonly Placed[] =>
  versions.map((version, index) => ({
    version,
    supersededAtMs: (versions[index - 1] ?? version).modifiedAtMs,
    // The first is the current one.
    newerNoncurrent: Math.max(0, index - 1),
    alone: versions.length === 1,
  }));

const applyToVersions = (context: S3Context, bucket: BucketRecord, rule: LifecycleRule): void => {
  const nowMs = context.nowMs();
  for (const versions of versionsByKey(context, bucket.name, rule.prefix)) {
    for (const placed of place(versions)) {
      const { version } = placed;
      if (!isDue(placed, rule, nowMs)) moveClass(context, placed, rule);
      else if (expiresNow(version, bucket, nowMs)) {
        const whole = version.latest && version.object !== undefined;
        deleteOne(context, {
          bucket,
          key: version.key,
          versionId: whole ? undefined : version.versionId,
          requestId: REQUEST_ID,
          reason: 'Lifecycle Expiration',
        });
      }
    }
  }
};

/** A locked version outlives its rule; the current one of a bucket with versions only gets a marker laid over it. */
const expiresNow = (version: VersionRecord, bucket: BucketRecord, nowMs: number): boolean =>
  (version.latest && bucket.versioning !== undefined) || !isLocked(version, nowMs, false);

const abortUploads = ({ store, nowMs }: S3Context, bucket: BucketRecord, rule: LifecycleRule): void => {
  const { abortUploadsAfterDays: days } = rule;
  if (days === undefined) return;
  for (const { uploadId, key, initiatedAtMs } of store.uploads.list(bucket.name)) {
    if (key.startsWith(rule.prefix) && isOlder(initiatedAtMs, days, nowMs())) store.uploads.remove(uploadId);
  }
};

/** Carries out the lifecycle rules of every bucket, once. */
const applyLifecycle = (context: S3Context): void => {
  for (const bucket of context.store.buckets()) {
    for (const rule of bucket.lifecycle.filter(({ disabled }) => disabled !== true)) {
      context.store.transaction(() => {
        applyToVersions(context, bucket, rule);
        abortUploads(context, bucket, rule);
      });
    }
  }
  sendNoted(context);
};

export interface LifecycleTimer {
  /** Sets the timer for the next midnight, if any bucket has rules. */
  arm(): void;
  stop(): void;
}

export const createLifecycleTimer = (context: S3Context, clock: LocalClock): LifecycleTimer => {
  let timer: TimerHandle | undefined;

  const arm = (): void => {
    if (timer !== undefined || context.store.buckets().every(({ lifecycle }) => lifecycle.length === 0)) return;
    const nextMidnight = (Math.floor(clock.nowMs() / DAY_MS) + 1) * DAY_MS;
    timer = clock.at(nextMidnight, 's3: lifecycle rules', () => {
      timer = undefined;
      applyLifecycle(context);
      arm();
    });
  };

  return {
    arm,
    stop: () => {
      timer?.cancel();
      timer = undefined;
    },
  };
};
