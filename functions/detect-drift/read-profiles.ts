import type { ReferenceProfile, WindowProfile } from '../../shared/core/monitoring/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { readJson } from './read-json.ts';

/** The two profiles that a drift check compares, as their writers left them. */

export const readReferenceProfile = (artifacts: ArtifactStore, key: string): Promise<ReferenceProfile> =>
  readJson(artifacts, key) as Promise<ReferenceProfile>;

export const readWindowProfile = (data: ArtifactStore, key: string): Promise<WindowProfile> =>
  readJson(data, key) as Promise<WindowProfile>;
