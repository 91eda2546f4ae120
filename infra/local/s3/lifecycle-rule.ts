/** A lifecycle rule. https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html */
export interface LifecycleRule {
  readonly id: string;
  /** Kept, told of and without effect. */
  readonly disabled?: boolean;
  readonly prefix: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Exclusive, in bytes. */
  readonly largerThan?: number;
  /** Exclusive, in bytes. */
  readonly smallerThan?: number;
  readonly expirationDays?: number;
  /** Midnight UTC from which on objects expire. */
  readonly expirationAtMs?: number;
  /** Removes delete markers under which no version is left. */
  readonly expiredMarkers?: boolean;
  readonly noncurrentDays?: number;
  /** So many noncurrent versions are kept whatever their age. */
  readonly keptVersions?: number;
  readonly abortUploadsAfterDays?: number;
  readonly transitions?: readonly StorageTransition[];
  readonly noncurrentTransitions?: readonly StorageTransition[];
}

interface StorageTransition {
  readonly days: number;
  readonly storageClass: string;
}

/** Limits of every number of days, and of the versions kept. */
export const RULE_DAYS = { min: 1, max: 36_500 } as const;
export const RULE_KEPT_VERSIONS = { min: 1, max: 100 } as const;
export const MAX_RULES = 1_000;

/** Classes that a transition may lead to: objects of archives could not be read until they were restored. */
export const TRANSITION_CLASSES = ['STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR'] as const;
