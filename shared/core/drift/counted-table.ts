/** What a drift check reads of a table's profile: counts alone. Every `TableProfile` is one. */
export interface CountedTable {
  readonly binsId: string;
  readonly rowCount: number;
  /** In the order of the bins. */
  readonly columns: readonly CountedColumn[];
}

interface CountedColumn {
  /** One count a bin: the rows whose value could be counted. */
  readonly counts: ArrayLike<number>;
}

/** Counts of several tables, column by column and bin by bin. */
export const addTables = (tables: readonly CountedTable[]): CountedTable => {
  const [first] = tables;
  const columns = (first?.columns ?? []).map(({ counts }) => ({ counts: new Float64Array(counts.length) }));
  for (const table of tables) {
    columns.forEach(({ counts }, i) => {
      const added = table.columns[i]?.counts ?? [];
      for (let bin = 0; bin < counts.length; bin += 1) counts[bin] = (counts[bin] as number) + (added[bin] ?? 0);
    });
  }
  return { binsId: first?.binsId ?? '', rowCount: tables.reduce((sum, { rowCount }) => sum + rowCount, 0), columns };
};
