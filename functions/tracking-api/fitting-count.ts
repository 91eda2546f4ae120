import { ANSWER_LIMIT_BYTES, answerBytes } from '../../shared/contracts/http/mlflow/encode-value.ts';

/** How many of the items, from the first on, one answer can carry; always one, which must then fit alone. */
export const fittingCount = (encoded: readonly object[]): number => {
  let bytes = 0;
  for (const [index, item] of encoded.entries()) {
    bytes += answerBytes(item) + 1;
    if (bytes > ANSWER_LIMIT_BYTES && index > 0) return index;
  }
  return encoded.length;
};
