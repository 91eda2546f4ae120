import { createHash } from 'node:crypto';
import type { DatasetInput } from '../../../core/tracking/index.ts';
import { assert } from '../../../kernel/assert.ts';
import { CONTENDED, retryWhileContended } from '../contention.ts';
import { batchGetItems, batchPutItems } from '../table.ts';
import { packItem, unpackItem } from './packed-document.ts';
import { commitRun } from './run-commit.ts';
import type { DatasetReference, StoredDataset } from './run-document.ts';
import { readStoredRun, requireActive } from './stored-run.ts';
import type { TrackingContext } from './tracking-context.ts';

/** Datasets of runs: a reference in the run's document, the rest by its content in an item of its own. */

/** Longer ones stand with the schema. */
const SOURCE_LENGTH = 1_000;

const storedOf = ({ source, schema, profile }: DatasetInput): StoredDataset => ({
  source,
  ...(schema === undefined ? {} : { schema }),
  ...(profile === undefined ? {} : { profile }),
});

const contentOf = (dataset: StoredDataset): string =>
  createHash('sha256').update(JSON.stringify(dataset)).digest('base64url');

const referenceOf = (input: DatasetInput): DatasetReference => {
  const { name, digest, sourceType, source, tags } = input;
  const short = source.length <= SOURCE_LENGTH ? { source } : {};
  return { name, digest, sourceType, ...short, tags, content: contentOf(storedOf(input)) };
};

const identityOf = ({ name, digest }: Pick<DatasetInput, 'name' | 'digest'>): string => JSON.stringify([name, digest]);

/** A dataset that is there stays as it is but for tags. @returns the same list when nothing changes. */
export const mergeDatasets = (
  references: readonly DatasetReference[],
  added: readonly DatasetReference[],
): readonly DatasetReference[] => {
  const merged = new Map(references.map((reference) => [identityOf(reference), reference]));
  for (const reference of added) {
    const standing = merged.get(identityOf(reference));
    const tags = { ...standing?.tags, ...reference.tags };
    merged.set(identityOf(reference), { ...(standing ?? reference), tags });
  }
  const all = [...merged.values()];
  return JSON.stringify(all) === JSON.stringify(references) ? references : all;
};

/** Writes what is stored apart, keyed by its content: written twice, or for a run that then is not, it does no harm. */
export const storeDatasets = async (
  context: TrackingContext,
  runId: string,
  inputs: readonly DatasetInput[],
): Promise<readonly DatasetReference[]> => {
  const stored = new Map(inputs.map((input) => [contentOf(storedOf(input)), storedOf(input)]));
  const packed = await Promise.all(
    [...stored].map(([content, dataset]) =>
      packItem(context, 'RunDataset', context.keys.dataset(runId, content), dataset),
    ),
  );
  await batchPutItems(
    context,
    packed.map(({ item }) => item),
  );
  return mergeDatasets([], inputs.map(referenceOf));
};

const inputOf = (reference: DatasetReference, stored: StoredDataset | undefined, whole: boolean): DatasetInput => {
  const { content: _, source = stored?.source, ...rest } = reference;
  assert(source !== undefined, `dataset ${reference.name} has no source`);
  const { schema, profile } = (whole && stored) || {};
  return {
    ...rest,
    source,
    ...(schema === undefined ? {} : { schema }),
    ...(profile === undefined ? {} : { profile }),
  };
};

/** @param whole with schema and profile; without, only datasets whose source is long are read. */
export const readDatasets = async (
  context: TrackingContext,
  runId: string,
  references: readonly DatasetReference[],
  whole: boolean,
): Promise<readonly DatasetInput[]> => {
  const read = references.filter(({ source }) => whole || source === undefined);
  const contents = [...new Set(read.map(({ content }) => content))];
  const items = await batchGetItems(
    context,
    contents.map((content) => context.keys.dataset(runId, content)),
  );
  const stored = new Map(
    await Promise.all(
      items.map(async (item) => [item.sk?.S, await unpackItem<StoredDataset>(context, 'RunDataset', item)] as const),
    ),
  );
  return references.map((reference) =>
    inputOf(reference, stored.get(context.keys.dataset(runId, reference.content).sk), whole),
  );
};

/** @throws NotFoundError, InvalidRequestError for a deleted run. */
export const addDatasetInputs = async (
  context: TrackingContext,
  runId: string,
  inputs: readonly DatasetInput[],
): Promise<void> => {
  requireActive((await readStoredRun(context, runId)).run.document);
  const added = await storeDatasets(context, runId, inputs);
  await retryWhileContended(
    `adding datasets to run ${runId}`,
    context.deadlineMs,
    async () => {
      const stored = await readStoredRun(context, runId);
      const { document } = stored.run;
      requireActive(document);
      const datasets = mergeDatasets(document.datasets, added);
      if (datasets === document.datasets) return undefined;
      const written = await commitRun(context, stored, { run: { ...document, datasets } });
      return written === undefined ? CONTENDED : undefined;
    },
    context.pacing,
  );
};
