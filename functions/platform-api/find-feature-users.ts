import { SIGNATURE_FILE, SignatureSchema } from '../../shared/contracts/artifacts.ts';
import { BILL_OF_MATERIALS_FILE, BillOfMaterialsSchema } from '../../shared/contracts/bill-of-materials.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { sqlUsesName } from '../../shared/core/lineage/index.ts';
import { isPackaged, type ModelVersion, type PackagedVersion } from '../../shared/core/registry/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** How a version uses a name: as a feature that it reads, or as a column that its features are computed from. */
export type FeatureUse = 'feature' | 'source column';

export interface FeatureUser {
  readonly version: number;
  readonly use: FeatureUse;
}

const PARALLEL = 10;

const found = async <T>(read: Promise<T>): Promise<T | undefined> => {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};

/** By the definition as it stood when the version was made; one from before bills of materials has its signature alone. */
const useOf = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  { artifactPrefix }: PackagedVersion,
  name: string,
): Promise<FeatureUse | undefined> => {
  const billBytes = await found(artifacts.get(`${artifactPrefix}${BILL_OF_MATERIALS_FILE}`));
  if (billBytes === undefined) {
    const signature = await found(artifacts.get(`${artifactPrefix}${SIGNATURE_FILE}`));
    const { inputs } = signature ? parseJsonFile(SignatureSchema, signature, SIGNATURE_FILE) : { inputs: [] };
    return inputs.some((input) => input.name === name) ? 'feature' : undefined;
  }
  const { definition } = parseJsonFile(BillOfMaterialsSchema, billBytes, BILL_OF_MATERIALS_FILE);
  if (definition.features.some((feature) => feature.name === name)) return 'feature';
  return sqlUsesName(definition.data.featuresSql, name) ? 'source column' : undefined;
};

/** Those of the versions that use a name. */
export const findFeatureUsers = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  versions: readonly ModelVersion[],
  name: string,
): Promise<readonly FeatureUser[]> => {
  const packaged = versions.filter(isPackaged);
  const users: FeatureUser[] = [];
  for (let from = 0; from < packaged.length; from += PARALLEL) {
    const uses = packaged.slice(from, from + PARALLEL).map(async (version) => {
      const use = await useOf(artifacts, version, name);
      return use === undefined ? [] : [{ version: version.version, use }];
    });
    users.push(...(await Promise.all(uses)).flat());
  }
  return users;
};
