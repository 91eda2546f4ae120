import { seededRandom } from '../explanation/index.ts';

/** From so many days on days are drawn again, below single rows. */
export const FEWEST_DAYS = 8;

const SEED = 1;

const rowsByDay = (days: ArrayLike<number>): readonly (readonly number[])[] => {
  const found = new Map<number, number[]>();
  for (let row = 0; row < days.length; row += 1) {
    const day = days[row] as number;
    const rows = found.get(day);
    if (rows) rows.push(row);
    else found.set(day, [row]);
  }
  return [...found.values()];
};

/** What was drawn again, and the rows of each draw: with replacement, as many as there are. */
export interface Resampling {
  readonly by: 'days' | 'rows';
  readonly unitCount: number;
  draws(count: number): Iterable<readonly number[]>;
}

/** Draws whole days, since rows of a day are not independent, or rows where there are too few days. */
export const resampling = (days: ArrayLike<number>): Resampling => {
  const blocks = rowsByDay(days);
  const by = blocks.length >= FEWEST_DAYS ? 'days' : 'rows';
  const units = by === 'days' ? blocks : Array.from(days, (_, row) => [row]);
  return {
    by,
    unitCount: units.length,
    *draws(count) {
      const random = seededRandom(SEED);
      for (let draw = 0; draw < count; draw += 1) {
        const rows: number[] = [];
        for (let i = 0; i < units.length; i += 1) {
          for (const row of units[Math.floor(random() * units.length)] as readonly number[]) rows.push(row);
        }
        yield rows;
      }
    },
  };
};
