import type { LocalClock, TimerHandle } from '../contracts.ts';
import type { S3Context } from './bucket-access.ts';
import type { LifecycleRule } from './lifecycle-rule.ts';
import { sendNoted } from './notify.ts';
import { deleteOne } from './operations/delete-object.ts';
import type { BucketRecord, VersionRecord } from './records.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const PAGE = 1_000;
const REQUEST_ID = 'lifecycle';

/** S3 rounds up to the next midnight, UTC. */
const isOlder = (sinceMs: number, days: number, nowMs: number): boolean =>
  Math.ceil((sinceMs + days * DAY_MS) / DAY_MS) * DAY_MS <= nowMs;

/** What a rule does to a version; `supersededAtMs` is when a newer one came, which made it noncurrent. */
const isDue = (
  version: VersionRecord,
  rule: LifecycleRule,
  times: { nowMs: number; supersededAtMs: number },
): boolean => {
  const days = version.latest ? rule.expirationDays : rule.noncurrentDays;
  if (days === undefined || (version.latest && version.object === undefined)) return false;
  return isOlder(version.latest ? version.modifiedAtMs : times.supersededAtMs, days, times.nowMs);
};

/** Applies a rule to versions, newest first within a key. */
const applyToVersions = (context: S3Context, bucket: BucketRecord, rule: LifecycleRule): void => {
  const nowMs = context.nowMs();
  let marker = { afterKey: '', beforeSequence: 0 };
  let newer: VersionRecord | undefined;
  for (;;) {
    const page = context.store.listVersions(bucket.name, { prefix: rule.prefix, ...marker, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    for (const version of page) {
      const supersededAtMs = newer?.key === version.key ? newer.modifiedAtMs : version.modifiedAtMs;
      newer = version;
      if (!isDue(version, rule, { nowMs, supersededAtMs })) continue;
      deleteOne(context, {
        bucket,
        key: version.key,
        versionId: version.latest ? undefined : version.versionId,
        requestId: REQUEST_ID,
        reason: 'Lifecycle Expiration',
      });
    }
    marker = { afterKey: last.key, beforeSequence: last.sequence };
  }
};

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
    for (const rule of bucket.lifecycle) {
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
