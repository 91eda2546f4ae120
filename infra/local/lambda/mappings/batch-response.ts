/** What a function with `ReportBatchItemFailures` says of its batch. */

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Identifiers of the items that failed; none for a whole success. Undefined when the answer is not of the form, or
 * names what was not in the batch: Lambda then takes the whole batch for failed.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export const readItemFailures = (payload: string, identifiers: readonly string[]): readonly string[] | undefined => {
  const answer: unknown = JSON.parse(payload);
  if (answer === null || answer === '') return [];
  if (!isPlain(answer)) return undefined;
  const failures = answer.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return undefined;
  const named = failures.map((failure: unknown) => (isPlain(failure) ? failure.itemIdentifier : undefined));
  const known = named.filter((name) => typeof name === 'string' && identifiers.includes(name)) as readonly string[];
  return known.length === named.length ? known : undefined;
};
