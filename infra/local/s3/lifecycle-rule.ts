/** A lifecycle rule in the simple form that is carried out: by prefix and age. */
export interface LifecycleRule {
  readonly id: string;
  readonly prefix: string;
  readonly expirationDays?: number;
  readonly noncurrentDays?: number;
  readonly abortUploadsAfterDays?: number;
}
