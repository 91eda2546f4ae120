import { parseJsonFile, toJsonFile } from '../../contracts/json-file.ts';
import { type StepCacheEntry, StepCacheEntrySchema } from '../../contracts/step-cache.ts';
import { InvalidRequestError, NotFoundError } from '../../kernel/errors.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';
import type { StepCache, StepInputs } from '../../ports/step-cache.ts';

type Artifacts = Pick<ArtifactStore, 'get' | 'put' | 'copy'>;

const entryKey = ({ model, step, digest }: StepInputs): string => `cache/${model}/${step}/${digest}.json`;

const readEntry = async (artifacts: Artifacts, key: string): Promise<StepCacheEntry | undefined> => {
  try {
    return parseJsonFile(StepCacheEntrySchema, await artifacts.get(key), key);
  } catch (error) {
    // An entry of another layout is as good as none: the step runs and writes its own.
    if (error instanceof NotFoundError || error instanceof InvalidRequestError) return undefined;
    throw error;
  }
};

/** @returns whether every output is now where it belongs. */
const bring = async (
  artifacts: Artifacts,
  { outputs }: StepCacheEntry,
  keyOf: (name: string) => string,
): Promise<boolean> => {
  const copies = outputs.map(({ name, key, etag }) =>
    // The run that made them runs again: they need only be what they were.
    key === keyOf(name) ? artifacts.get(key, etag) : artifacts.copy({ key, etag }, keyOf(name)),
  );
  const settled = await Promise.allSettled(copies);
  const failures = settled.filter((copy) => copy.status === 'rejected').map(({ reason }) => reason as Error);
  const unexpected = failures.find(({ name }) => name !== 'NotFoundError' && name !== 'ConflictError');
  if (unexpected !== undefined) throw unexpected;
  return failures.length === 0;
};

/**
 * Remembers in the artifact bucket what a pipeline step made of which inputs. An entry names objects of the run that
 * made them; they are copied only while each still has the ETag it was written with, so that a hit never hands on
 * what was lost or changed since.
 */
export const createStepCache = (artifacts: Artifacts): StepCache => ({
  run: async (inputs, { keyOf, isValue, work }) => {
    const key = entryKey(inputs);
    const entry = await readEntry(artifacts, key);
    if (entry !== undefined && isValue(entry.value) && (await bring(artifacts, entry, keyOf))) {
      return { value: entry.value, cached: true };
    }
    const { outputs, value } = await work();
    const made: StepCacheEntry = { schemaVersion: 1, outputs: [...outputs], value };
    await artifacts.put(key, toJsonFile(made), 'application/json');
    return { value, cached: false };
  },
});
