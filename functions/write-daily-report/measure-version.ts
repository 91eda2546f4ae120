import { requirePackaged } from '../../shared/core/registry/index.ts';
import { referenceLimits, type SuiteFacts, type TestedFeature } from '../../shared/core/test-suite/index.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { type MeasureStores, measureTable } from './measure-table.ts';
import { readTraining } from './suite-facts.ts';

interface Asked {
  readonly model: string;
  readonly day: string;
  readonly features: readonly TestedFeature[];
  /** Tests that want a limit of the reference. */
  readonly ids: readonly string[];
}

type Measured = Pick<SuiteFacts, 'table' | 'limits' | 'training'>;

/** What is measured beside a version: its reference, and what its training promised. */
export const measureVersion = async (
  { registry, ...stores }: MeasureStores & { readonly registry: Pick<ModelRegistry, 'getVersion'> },
  number: number | undefined,
  asked: Asked,
): Promise<Measured> => {
  if (number === undefined) {
    return {
      table: { missing: 'no version is in service' },
      limits: referenceLimits({ days: [], values: {} }, []),
      training: undefined,
    };
  }
  const version = requirePackaged(await registry.getVersion(asked.model, number), 'tested');
  const [measured, training] = await Promise.all([
    measureTable(stores, { ...asked, version }),
    readTraining(stores.files, version),
  ]);
  return { ...measured, training };
};
