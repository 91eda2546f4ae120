import { InvalidRequestError } from '../../kernel/errors.ts';
import type { InputLayout, RowGroup, ScoringPart } from './scoring-part.ts';

export const ROW_KEY_COLUMN = 'row_key';
/** Rows that a function holds at once: some tens of megabytes with a hundred features. */
export const ROWS_PER_PART = 50_000;
/** What a listing, and a look at every output, can do in one call. */
export const MOST_PARTS = 10_000;

type Span = Pick<ScoringPart, 'fromRow' | 'rowCount' | 'fromByte' | 'toByte'>;

/** Small row groups go together, up to the bound; a larger one is read whole for each of its parts. */
const spansOf = (rowGroups: readonly RowGroup[], rowsPerPart: number): readonly Span[] => {
  const spans: Span[] = [];
  let nextRow = 0;
  for (const { rowCount, fromByte, toByte } of rowGroups) {
    const last = spans.at(-1);
    if (last !== undefined && last.rowCount + rowCount <= rowsPerPart) {
      const bytes = { fromByte: Math.min(last.fromByte, fromByte), toByte: Math.max(last.toByte, toByte) };
      spans[spans.length - 1] = { fromRow: last.fromRow, rowCount: last.rowCount + rowCount, ...bytes };
    } else {
      for (let done = 0; done < rowCount; done += rowsPerPart) {
        spans.push({ fromRow: nextRow + done, rowCount: Math.min(rowsPerPart, rowCount - done), fromByte, toByte });
      }
    }
    nextRow += rowCount;
  }
  return spans;
};

/**
 * Divides inputs into parts: each row is in exactly one, no part is larger than `rowsPerPart`, none crosses from one
 * object to the next.
 * @throws InvalidRequestError when there are no rows, or more parts than one job may have.
 */
export const planParts = (inputs: readonly InputLayout[], rowsPerPart = ROWS_PER_PART): readonly ScoringPart[] => {
  const parts = inputs
    .flatMap(({ object, footerFromByte, columns, rowGroups }) => {
      const hasRowKey = columns.some(({ name }) => name === ROW_KEY_COLUMN);
      const { key, etag, sizeBytes } = object;
      return spansOf(rowGroups, rowsPerPart).map((span) => ({
        key,
        etag,
        sizeBytes,
        footerFromByte,
        ...span,
        hasRowKey,
      }));
    })
    .map((span, part): ScoringPart => ({ part, ...span }));
  if (parts.length === 0) throw new InvalidRequestError(`the ${inputs.length} input objects hold no rows`);
  if (parts.length > MOST_PARTS) {
    throw new InvalidRequestError(
      `the input makes ${parts.length} parts of at most ${rowsPerPart} rows, a job may have ${MOST_PARTS}: score it prefix by prefix`,
    );
  }
  return parts;
};
