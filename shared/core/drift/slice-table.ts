import type { CountedTable } from './counted-table.ts';
import type { DayProfile } from './drift-reference.ts';

export const WHOLE_TRAFFIC = 'all';

/** A day's rows in a slice, or of the whole traffic; undefined where the day has none of the slice. */
export const sliceTable = ({ profile, slices }: DayProfile, slice: string): CountedTable | undefined =>
  slice === WHOLE_TRAFFIC ? profile : slices?.[slice];
