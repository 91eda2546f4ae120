import type { EntityKey, EntityValues } from '../core/features/index.ts';

/** What a view's materialization left: which data it saw, and as of when its values are. */
export interface Materialization {
  readonly eventAtMs: number;
  readonly createdAtMs: number;
  /** Digest of the view and of the dataset's objects that were read. */
  readonly inputsDigest: string;
  readonly entityCount: number;
  /** When a row of those objects becomes known next; absent when all of them are known. */
  readonly nextKnownAtMs?: number;
}

export interface EntityWrite {
  readonly entity: readonly string[];
  readonly values: EntityValues['values'];
}

/** The online store: the newest values of each entity of each feature view. */
export interface OnlineStore {
  /** Distinct entities in one batch, in the order of the keys; undefined for one that has no values. */
  read(model: string, keys: readonly EntityKey[]): Promise<readonly (EntityValues | undefined)[]>;
  /**
   * Writes a view's entities. Values as of a later moment stay: the event timestamp of an entity never goes back.
   * Safe to repeat, and to run beside another writer.
   */
  write(
    model: string,
    view: string,
    batch: {
      readonly entities: readonly EntityWrite[];
      readonly eventAtMs: number;
      readonly createdAtMs: number;
      /** From when on the values may be removed. */
      readonly expiresAtMs: number;
    },
  ): Promise<{ readonly writtenCount: number }>;
  lastMaterialization(model: string, view: string): Promise<Materialization | undefined>;
  /** Keeps the later of two. */
  recordMaterialization(model: string, view: string, materialization: Materialization): Promise<void>;
}
