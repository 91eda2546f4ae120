import type { Page } from './model-registry.ts';

/** Something said about a version. It is never changed. */
export interface VersionComment {
  /** Given by whoever asks for it: the same again is the same comment. */
  readonly id: string;
  readonly author: string;
  readonly atMs: number;
  readonly text: string;
}

export interface VersionComments {
  /** @returns what stands under the id. @throws NotFoundError for a version that is not registered. */
  add(model: string, version: number, comment: VersionComment): Promise<VersionComment>;
  /** Oldest first. @throws NotFoundError */
  list(model: string, version: number, limit: number, cursor?: string): Promise<Page<VersionComment>>;
}
