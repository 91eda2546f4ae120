import type * as v from 'valibot';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import type { Recorded } from '../../shared/core/ml-test-score/index.ts';
import { InvalidRequestError, InvalidStateError, NotFoundError } from '../../shared/kernel/errors.ts';
import { errorFields, logLine } from '../../shared/kernel/log.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** Reading what is on record. What cannot be read counts for nothing, and the log says why; what may pass is thrown. */

export interface Bucket {
  /** As evidence names it. */
  readonly name: 'data' | 'artifacts';
  readonly store: Pick<ArtifactStore, 'get' | 'list'>;
}

/** What a reader gives, or undefined where it stands nowhere or is not what it should be. */
export const ifOnRecord = async <T>(where: string, read: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    const isWrong = error instanceof InvalidRequestError || error instanceof InvalidStateError;
    if (!isWrong) throw error;
    logLine('error', 'a record counts for nothing', { where, ...errorFields(error) });
    return undefined;
  }
};

/** A JSON file, as far as its schema reads it. */
export const readRecord = <Schema extends v.GenericSchema>(
  { name, store }: Bucket,
  { key, schema, atMs }: { readonly key: string; readonly schema: Schema; readonly atMs: number },
): Promise<Recorded<v.InferOutput<Schema>> | undefined> => {
  const where = `${name}: ${key}`;
  return ifOnRecord(where, async () => ({ where, atMs, content: parseJsonFile(schema, await store.get(key), key) }));
};

/** The same with other content; undefined stays so. */
export const mapRecord = <T, U>(record: Recorded<T> | undefined, change: (content: T) => U): Recorded<U> | undefined =>
  record && { ...record, content: change(record.content) };
