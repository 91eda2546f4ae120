import type { ChecksumAlgorithm } from './checksums.ts';
import type { LifecycleRule } from './lifecycle-rule.ts';

/** What is kept of buckets, objects and uploads. */

export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  readonly keyArn?: string;
  readonly bucketKey?: boolean;
}

/** Of a version: it cannot be removed before the instant. */
export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  readonly untilMs: number;
}

/** Of a bucket: what new versions get, for days or for years of 365 days. */
export interface DefaultRetention {
  readonly mode: Retention['mode'];
  readonly days?: number;
  readonly years?: number;
}

export interface BucketRecord {
  readonly name: string;
  readonly createdAtMs: number;
  /** Absent: never versioned. */
  readonly versioning?: 'Enabled' | 'Suspended';
  /** Sends object events to the default event bus. */
  readonly eventBridge: boolean;
  readonly encryption: Encryption;
  /** The policy document, kept for whoever enforces it. */
  readonly policy?: unknown;
  readonly publicAccessBlock?: Readonly<Record<string, boolean>>;
  readonly lifecycle: readonly LifecycleRule[];
  /** Present: versions may be locked. Cannot be taken back. */
  readonly objectLock?: { readonly defaultRetention?: DefaultRetention };
  readonly tags: Readonly<Record<string, string>>;
}

export interface ChecksumRecord {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

export interface Segment {
  readonly blob: string;
  readonly size: number;
  /** Of a part of a multipart upload. */
  readonly checksum?: string;
}

/** What an object is besides its bytes: taken from the request that wrote it. */
export interface ObjectDescription {
  /** Content-Type, Cache-Control …, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** `x-amz-meta-…`, without the prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly encryption: Encryption;
  readonly tags: Readonly<Record<string, string>>;
  readonly retention?: Retention;
  readonly legalHold?: boolean;
}

export interface ObjectRecord extends ObjectDescription {
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedAtMs: number;
  /** One, or one a part of a multipart upload. */
  readonly segments: readonly Segment[];
  readonly multipart: boolean;
  readonly checksum: ChecksumRecord;
}

export interface VersionRecord {
  readonly bucket: string;
  readonly key: string;
  /** `null` for what was written without versioning. */
  readonly versionId: string;
  /** Grows with every write of the whole store. */
  readonly sequence: number;
  readonly latest: boolean;
  /** Undefined for a delete marker. */
  readonly object: ObjectRecord | undefined;
  readonly modifiedAtMs: number;
}

export interface UploadRecord {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAtMs: number;
  readonly description: ObjectDescription;
  readonly checksumAlgorithm: ChecksumAlgorithm;
  readonly checksumType: 'FULL_OBJECT' | 'COMPOSITE';
  /** The client chose the algorithm, and is told of it. */
  readonly checksumAsked: boolean;
}

export interface PartRecord {
  readonly partNumber: number;
  readonly segment: Segment;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedAtMs: number;
  /** By the algorithm of the part's own request, which may differ from the upload's where that was left open. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

/** Detail of an `Object Created` or `Object Deleted` event. */
export interface ObjectEvent {
  readonly bucket: string;
  readonly detailType: 'Object Created' | 'Object Deleted';
  readonly detail: unknown;
}
