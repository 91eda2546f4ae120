import type { PackagedVersion } from '../core/registry/index.ts';

type Package = Pick<PackagedVersion, 'artifactPrefix' | 'manifestDigest'>;

/** The files of a version's package. */
export interface VersionFiles {
  /**
   * Undefined for a file that the version's manifest does not list.
   * @throws NotFoundError when the package is gone.
   * @throws InvalidStateError when the bytes are not those of the manifest, or the manifest is not the version's.
   */
  read(version: Package, file: string): Promise<Uint8Array | undefined>;
  /** What the version's evaluation says of the quality gate; undefined without an evaluation. */
  gate(version: Package): Promise<{ readonly passed: boolean } | undefined>;
}
