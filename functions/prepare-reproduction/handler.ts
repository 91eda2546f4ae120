import { runPrefix } from '../../shared/contracts/artifacts.ts';
import {
  type BillOfMaterials,
  type BuildInfo,
  REPRODUCED_FUNCTIONS,
} from '../../shared/contracts/bill-of-materials.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { PrepareReproductionInput, SNAPSHOT_FILE } from '../../shared/contracts/training-workflow.ts';
import { requirePackaged } from '../../shared/core/registry/index.ts';
import { buildDifferences, definitionDifferences } from '../../shared/core/reproduction/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { readBill } from './read-bill.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly registry: Pick<ModelRegistry, 'getVersion' | 'getRun'>;
  readonly build: BuildInfo;
  readonly runtime: BillOfMaterials['runtime'];
}

interface Output {
  readonly asOfMs: number;
  readonly snapshotId: string;
  readonly rounds: number | null;
  /** What the stage has that it had not when the version was made; the result is judged beside them. */
  readonly differences: readonly string[];
}

/**
 * Reads a version's bill of materials and lays its snapshot where the run that makes it again looks for one.
 * @throws InvalidStateError for a version that has no bill, came from another stage, or was trained by a definition
 * that has changed since in what training depends on.
 */
export const createHandler =
  ({ definitions, artifacts, registry, build, runtime }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, runId, version } = parse(PrepareReproductionInput, event);
    const stored = requirePackaged(await registry.getVersion(model, version), 'reproduced');
    const bill = await readBill({ artifacts, registry }, stored);
    const changed = definitionDifferences(bill.definition, definitionOf(definitions, model));
    if (changed.length > 0) {
      throw new InvalidStateError(
        `the definition of ${model} has changed since version ${version} was trained, in ${changed.join(', ')}: deploy ` +
          'the definition of that time to a stage of its own and reproduce the version there',
      );
    }
    const snapshot = toJsonFile(bill.snapshot);
    await artifacts.put(`${runPrefix(model, runId)}${SNAPSHOT_FILE}`, snapshot, 'application/json');
    return {
      asOfMs: bill.snapshot.asOfMs,
      snapshotId: bill.snapshot.snapshotId,
      rounds: bill.rounds,
      differences: buildDifferences(bill, { build, runtime }, REPRODUCED_FUNCTIONS),
    };
  };
