export type { MeasureName } from './choose-measure.ts';
export type { CellValue, ColumnData, DictionaryColumn, NumberColumn, TextColumn } from './column-data.ts';
export type { CategoryProfile, ColumnProfile, NumberProfile, TableProfile } from './column-profile.ts';
export type { DistanceOfRanks, DistanceOfValues } from './compare-numbers.ts';
export { type ColumnDrift, compareProfiles, type ProfileComparison } from './compare-profiles.ts';
export type { QualityFinding, QualityKind } from './data-quality.ts';
export { estimateDistinct } from './distinct-sketch.ts';
export { type DuplicatedRows, duplicatedRows, usualDuplicatedShare } from './duplicated-rows.ts';
export { decodeProfile, encodeProfile } from './encode-profile.ts';
export { hashText } from './hash.ts';
export { mergeProfiles } from './merge-profiles.ts';
export {
  type BinnedColumn,
  type CategoryBins,
  type ColumnBins,
  makeTableBins,
  type NumberBins,
  type TableBins,
  tableBins,
} from './table-bins.ts';
export { createTableProfiler, type TableProfiler } from './table-profiler.ts';
