/** Comments and texts of an SQL statement: what stands there is no name of a column. */
const NOT_NAMES = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g;

/** Whether an SQL statement names a column so, quoted or not, in any case, as DuckDB reads names. */
export const sqlUsesName = (sql: string, name: string): boolean => {
  const words: readonly string[] =
    sql
      .replace(NOT_NAMES, ' ')
      .toLowerCase()
      .match(/[a-z_][a-z0-9_]*/g) ?? [];
  return words.includes(name.toLowerCase());
};
