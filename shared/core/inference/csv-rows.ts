import { InvalidRequestError } from '../../kernel/errors.ts';

/** Where one field ends, and its text. */
interface Field {
  readonly text: string;
  /** Behind the field, at its comma, its line break or the end. */
  readonly end: number;
}

const isBreak = (csv: string, at: number): boolean => csv[at] === '\n' || csv[at] === '\r' || at >= csv.length;

const quotedField = (csv: string, start: number): Field => {
  let text = '';
  let from = start + 1;
  for (;;) {
    const quote = csv.indexOf('"', from);
    if (quote < 0) throw new InvalidRequestError('the CSV ends within a quoted field');
    text += csv.slice(from, quote);
    if (csv[quote + 1] !== '"') {
      const end = quote + 1;
      if (csv[end] === ',' || isBreak(csv, end)) return { text, end };
      throw new InvalidRequestError(`the CSV has text behind the closing quote of a field, at character ${end + 1}`);
    }
    text += '"';
    from = quote + 2;
  }
};

const plainField = (csv: string, start: number): Field => {
  let end = start;
  while (csv[end] !== ',' && !isBreak(csv, end)) end += 1;
  return { text: csv.slice(start, end), end };
};

/**
 * Comma-separated values (RFC 4180) as rows of text; blank lines are left out, and line breaks are LF, CR or both.
 * @throws InvalidRequestError
 */
export const readCsvRows = (csv: string): readonly (readonly string[])[] => {
  const rows: (readonly string[])[] = [];
  let at = 0;
  while (at < csv.length) {
    const row: string[] = [];
    for (;;) {
      const { text, end } = csv[at] === '"' ? quotedField(csv, at) : plainField(csv, at);
      row.push(text);
      at = end + 1;
      if (csv[end] !== ',') break;
    }
    if (csv[at - 1] === '\r' && csv[at] === '\n') at += 1;
    if (row.length > 1 || row[0] !== '') rows.push(row);
  }
  return rows;
};
