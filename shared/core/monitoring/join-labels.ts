import { type IndexedLabel, isNewerLabel } from './capture-fold.ts';
import { createIdTable, type PredictionIndex } from './prediction-ids.ts';

/** Predictions whose truth is known, and what was answered. */
export interface LabelledRows {
  readonly labels: Float64Array;
  readonly predictions: Float64Array;
}

/**
 * Joins predictions with the label of each that became known last. The order of the labels does not matter; those without
 * a prediction are left out.
 */
export const joinLabels = (days: readonly PredictionIndex[], labels: Iterable<IndexedLabel>): LabelledRows => {
  const places = createIdTable();
  const newest: IndexedLabel[] = [];
  for (const label of labels) {
    const place = places.get(label.high, label.low);
    if (place === undefined) {
      places.set(label.high, label.low, newest.length);
      newest.push(label);
    } else if (isNewerLabel(label, newest[place] as IndexedLabel)) newest[place] = label;
  }
  const rowCount = days.reduce((sum, day) => sum + day.rowCount, 0);
  const rows = { labels: new Float64Array(rowCount), predictions: new Float64Array(rowCount) };
  let count = 0;
  for (const { rowCount: dayRows, highs, lows, outputs } of days) {
    for (let row = 0; row < dayRows; row += 1) {
      const place = places.get(highs[row] as number, lows[row] as number);
      if (place === undefined) continue;
      rows.labels[count] = (newest[place] as IndexedLabel).label;
      rows.predictions[count] = outputs[row] as number;
      count += 1;
    }
  }
  return { labels: rows.labels.subarray(0, count), predictions: rows.predictions.subarray(0, count) };
};
