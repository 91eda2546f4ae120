import { createSeededRandom, type SeededRandom } from '../../../infra/local/simulation/seeded-random.ts';
import type { CountedTable, DayProfile } from '../../../shared/core/drift/index.ts';
import { type TableBins, tableBins } from '../../../shared/core/profiles/index.ts';
import { DAY_MS, utcDay } from '../../../shared/kernel/time.ts';
import {
  binAt,
  binCountOf,
  binsOfLaw,
  type ColumnLaw,
  cellAt,
  cumulate,
  drawLaw,
  drawNormal,
  shiftAt,
  type WorldKind,
} from './column-law.ts';

const HOURS = 24;
/** A Monday. */
const FIRST_DAY = Date.parse('2001-01-01') / DAY_MS;
const ROWS_PER_HOUR = 40;
const MISSING_SHARE = 0.01;
/** Ends of the slices, as shares of the rows: 5, 7.5, 10 and 20 %; the other rows are in none. */
const SLICE_ENDS = [0.05, 0.125, 0.225, 0.425];
export const SLICES = ['five', 'seven-and-a-half', 'ten', 'twenty'] as const;

type TableName = 'inputs' | 'outcomes';

/** What is changed. A shift is in standard deviations of a row. */
export interface Plant {
  readonly table: TableName;
  readonly column: string;
  readonly shift: number;
  /** Place among `SLICES`; all rows without. */
  readonly slice?: number;
}

export interface WorldShape {
  readonly kind: WorldKind;
  readonly numbers: number;
  readonly categories: number;
  /** Days that may be drawn. */
  readonly dayCount: number;
}

/** Cells of an hour, as rows. */
export type Row = Readonly<Record<string, number | string | null>>;

/** Days of a service, drawn from a seed: features, predictions, errors and labels. */
export interface World {
  readonly bins: Readonly<Record<TableName, TableBins>>;
  /** A day's counts. The same day of the same world is the same, but for what is planted. */
  drawDay(index: number, plant?: Plant): Readonly<Record<TableName, DayProfile>>;
  /** The rows of inputs that the day's counts are of. */
  drawRows(index: number): readonly Row[];
}

interface Counted {
  readonly counts: readonly Float64Array[];
  rowCount: number;
}

/** An hour's rows of one table: the slice of each row, and for each column one uniform draw a row, NaN where missing. */
interface HourDraws {
  readonly hour: number;
  readonly rowSlices: Int8Array;
  readonly draws: readonly Float64Array[];
}

/** Nights are quiet, weekends too, and no two days are alike. */
const rowsOfHour = (random: SeededRandom, kind: WorldKind, index: number, hour: number): number => {
  if (kind === 'independent') return ROWS_PER_HOUR;
  const daily = 1 + 0.6 * Math.sin((2 * Math.PI * (hour - 8)) / HOURS);
  const weekend = index % 7 >= 5 ? 0.7 : 1;
  return Math.round(ROWS_PER_HOUR * daily * weekend * (0.9 + 0.2 * random.fraction()));
};

const uniform = (random: SeededRandom): number => (random.next() + 0.5) / 2 ** 32;

const drawCells = (random: SeededRandom, { missingShare }: ColumnLaw, rowCount: number): Float64Array =>
  Float64Array.from({ length: rowCount }, () => {
    const draw = uniform(random);
    return missingShare > 0 && uniform(random) < missingShare ? Number.NaN : draw;
  });

const addOne = (counts: Float64Array, bin: number): void => {
  counts[bin] = (counts[bin] as number) + 1;
};

/** Counts one column of an hour, in the whole traffic and in the slices. */
const countCells = (
  law: ColumnLaw,
  { column, shift, plant }: { readonly column: number; readonly shift: number; readonly plant: Plant | undefined },
  { rowSlices, draws }: HourDraws,
  parts: readonly Counted[],
): void => {
  const usual = cumulate(law, shift);
  const planted = plant?.column === law.name ? cumulate(law, shift + plant.shift) : usual;
  const cells = draws[column] as Float64Array;
  rowSlices.forEach((slice, row) => {
    const draw = cells[row] as number;
    if (Number.isNaN(draw)) return;
    const isPlanted = plant?.slice === undefined || plant.slice === slice;
    const bin = binAt(isPlanted ? planted : usual, draw);
    addOne(parts[0]?.counts[column] as Float64Array, bin);
    if (slice >= 0) addOne(parts[slice + 1]?.counts[column] as Float64Array, bin);
  });
};

const tableOf = (bins: TableBins, { counts, rowCount }: Counted): CountedTable => ({
  binsId: bins.id,
  rowCount,
  columns: counts.map((of) => ({ counts: of })),
});

const lawsOf = (random: SeededRandom, { kind, numbers, categories, dayCount }: WorldShape) => {
  const weather = Array.from({ length: dayCount }, () => drawNormal(random));
  const names = [
    ...Array.from({ length: numbers }, (_, i) => `n${i}`),
    ...Array.from({ length: categories }, (_, i) => `c${i}`),
    '@prediction',
    '@error',
    '@label',
  ];
  const laws = names.map((name, column) => {
    const missingShare = column < numbers / 4 ? MISSING_SHARE : 0;
    return drawLaw(random, { name, column, isCategory: name.startsWith('c'), missingShare }, kind, weather);
  });
  return { inputs: laws.slice(0, -2), outcomes: laws.slice(-2) };
};

export const createWorld = (seed: string, shape: WorldShape): World => {
  const random = createSeededRandom(`${seed}/${shape.kind}`);
  const laws = lawsOf(random, shape);
  const bins = { inputs: tableBins(laws.inputs.map(binsOfLaw)), outcomes: tableBins(laws.outcomes.map(binsOfLaw)) };

  function* drawHours(index: number): Generator<Readonly<Record<TableName, HourDraws>>> {
    const draws = random.fork(`day ${index}`);
    for (let hour = 0; hour < HOURS; hour += 1) {
      const rowSlices = Int8Array.from({ length: rowsOfHour(draws, shape.kind, index, hour) }, () => {
        const place = draws.fraction();
        return SLICE_ENDS.findIndex((end) => place < end);
      });
      const drawTable = (of: readonly ColumnLaw[]): HourDraws => ({
        hour,
        rowSlices,
        draws: of.map((law) => drawCells(draws, law, rowSlices.length)),
      });
      yield { inputs: drawTable(laws.inputs), outcomes: drawTable(laws.outcomes) };
    }
  }

  const dayOf = (
    table: TableName,
    index: number,
    hours: readonly HourDraws[],
    plant: Plant | undefined,
  ): DayProfile => {
    const parts = ['all', ...SLICES].map(
      (): Counted => ({ counts: laws[table].map((law) => new Float64Array(binCountOf(law))), rowCount: 0 }),
    );
    for (const hour of hours) {
      laws[table].forEach((law, column) => {
        countCells(law, { column, shift: shiftAt(law, index, hour.hour), plant }, hour, parts);
      });
      for (const slice of hour.rowSlices) {
        (parts[0] as Counted).rowCount += 1;
        if (slice >= 0) (parts[slice + 1] as Counted).rowCount += 1;
      }
    }
    const [whole, ...slices] = parts.map((one) => tableOf(bins[table], one));
    return {
      day: utcDay((FIRST_DAY + index) * DAY_MS),
      profile: whole as CountedTable,
      slices: Object.fromEntries(SLICES.map((name, i) => [name, slices[i] as CountedTable])),
      rowsByHour: hours.map(({ rowSlices }) => rowSlices.length),
    };
  };

  const drawDay: World['drawDay'] = (index, plant) => {
    const hours = [...drawHours(index)];
    const of = (table: TableName): DayProfile =>
      dayOf(
        table,
        index,
        hours.map((hour) => hour[table]),
        plant?.table === table ? plant : undefined,
      );
    return { inputs: of('inputs'), outcomes: of('outcomes') };
  };

  const drawRows: World['drawRows'] = (index) =>
    [...drawHours(index)].flatMap(({ inputs: { hour, rowSlices, draws } }) =>
      Array.from(rowSlices, (_, row) =>
        Object.fromEntries(
          laws.inputs.map((law, column) => {
            const draw = draws[column]?.[row] ?? Number.NaN;
            return [law.name, cellAt(law, shiftAt(law, index, hour), draw)];
          }),
        ),
      ),
    );
  return { bins, drawDay, drawRows };
};
