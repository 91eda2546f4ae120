import { AwsError } from '../contracts.ts';

const MOST_ENTRIES = 10;

/** How a service says what is wrong with a batch. */
export interface BatchWords {
  readonly empty: string;
  readonly tooMany: (count: number) => string;
  readonly repeated: (id: string) => string;
}

export const sqsWords = (operation: string): BatchWords => ({
  empty: `There should be at least one ${operation}RequestEntry in the request.`,
  tooMany: (count) => `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${count}.`,
  repeated: (id) => `Id ${id} repeated.`,
});

/** @throws AwsError EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct */
const checkEntries = (words: BatchWords, ids: readonly string[]): void => {
  if (ids.length === 0) {
    throw new AwsError('EmptyBatchRequest', words.empty);
  }
  if (ids.length > MOST_ENTRIES) {
    throw new AwsError('TooManyEntriesInBatchRequest', words.tooMany(ids.length));
  }
  if (ids.some((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id))) {
    throw new AwsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw new AwsError('BatchEntryIdsNotDistinct', words.repeated(repeated));
};

/** Runs a batch entry by entry: one that fails does not stop the others. */
export const runBatch = <T extends { readonly id: string }>(
  words: BatchWords,
  entries: readonly T[],
  run: (entry: T) => object,
): object => {
  checkEntries(
    words,
    entries.map(({ id }) => id),
  );
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed: Failed.length === 0 ? undefined : Failed };
};
