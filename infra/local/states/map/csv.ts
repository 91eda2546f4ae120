/** One field or delimiter of RFC 4180: a quoted field, a bare one, then what ends it. */
const tokenPattern = (delimiter: string): RegExp => {
  const escaped = delimiter.replace(/[|\\]/g, '\\$&');
  return new RegExp(`(?:"((?:[^"]|"")*)"|([^${escaped}\\r\\n]*))(${escaped}|\\r\\n|\\n|$)`, 'gy');
};

/** RFC 4180 rows: quoted fields, doubled quotes, line ends inside quotes. Empty lines are skipped. */
export const parseCsv = (text: string, delimiter: string): readonly (readonly string[])[] => {
  const rows: string[][] = [];
  let row: string[] = [];
  const pattern = tokenPattern(delimiter);
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) throw new SyntaxError(`malformed CSV at character ${start}`);
    const [, quoted, bare = '', end] = match;
    row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === delimiter) continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  // A text that ends in a delimiter has one more, empty field.
  if (row.length > 0) rows.push([...row, '']);
  return rows;
};
