import type { Signature } from '../../shared/contracts/artifacts.ts';
import type { ScoringJob } from '../../shared/contracts/batch-scoring.ts';
import { columnFaults, type InputLayout } from '../../shared/core/batch-scoring/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { ObjectRanges } from '../../shared/ports/object-ranges.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';
import { readLayout } from './read-layout.ts';

export interface LayoutSources {
  /** Pieces of the data bucket's objects. */
  readonly ranges: ObjectRanges;
  readonly openEngine: (spillFolder: string) => Promise<TableEngine>;
}

const TOLD_FAULTS = 5;

/** @throws InvalidRequestError that tells the first faults, by object and column. */
export const readLayouts = async (
  { ranges, openEngine }: LayoutSources,
  { job, signature, folder }: { readonly job: ScoringJob; readonly signature: Signature; readonly folder: string },
): Promise<readonly InputLayout[]> => {
  const engine = await openEngine(folder);
  try {
    const layouts: InputLayout[] = [];
    const faults: string[] = [];
    for (const object of job.objects) {
      const layout = await readLayout({ ranges, engine, folder }, object);
      layouts.push(layout);
      faults.push(...columnFaults(signature.inputs, layout));
    }
    if (faults.length === 0) return layouts;
    const more = faults.length > TOLD_FAULTS ? `; and ${faults.length - TOLD_FAULTS} more` : '';
    throw new InvalidRequestError(
      `the input does not fit ${job.model}@${job.version}: ${faults.slice(0, TOLD_FAULTS).join('; ')}${more}`,
    );
  } finally {
    await engine.close();
  }
};
