import type { PageStores } from '../../shared/adapters/pages/read-model-facts.ts';
import { readModelFacts } from '../../shared/adapters/pages/read-model-facts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { RenderPagesInput } from '../../shared/contracts/pages.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { modelPage } from '../../shared/core/pages/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { writeFleetPage } from './write-fleet-page.ts';
import { writeModelPage } from './write-model-page.ts';

interface Deps extends PageStores {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly data: Pick<ArtifactStore, 'get' | 'list' | 'put'>;
}

interface Output {
  readonly model: string;
  readonly modelCount: number;
}

/**
 * Writes a model's page and the fleet's, from what is on record. Repeated, it writes the same as long as the records are
 * the same: the pages are dated by the check, not by the clock.
 */
export const createHandler =
  ({ stage, definitions, ...stores }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, scheduledAt } = parse(RenderPagesInput, event);
    const { name, owner, description } = definitionOf(definitions, model);
    const atMs = Date.parse(scheduledAt);
    const page = modelPage(await readModelFacts(stores, { name, owner, description }, atMs));
    await writeModelPage(stores.data, page);
    const modelCount = await writeFleetPage(stores.data, { stage, atMs, models: [...definitions.keys()] });
    return { model, modelCount };
  };
