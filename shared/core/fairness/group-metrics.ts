/** A metric of the rows of one group; undefined where the rows do not have it. */
export type GroupMetric = (labels: Float64Array, predictions: Float64Array) => number | undefined;

const shareAmong =
  (isAmong: (label: number, answer: boolean) => boolean, isHit: (label: number, answer: boolean) => boolean) =>
  (threshold: number): GroupMetric =>
  (labels, predictions) => {
    let [hits, among] = [0, 0];
    for (let row = 0; row < labels.length; row += 1) {
      const [label, answer] = [labels[row] as number, (predictions[row] as number) >= threshold];
      if (!isAmong(label, answer)) continue;
      among += 1;
      if (isHit(label, answer)) hits += 1;
    }
    return among === 0 ? undefined : hits / among;
  };

const always = (): boolean => true;
const isAnswered = (_label: number, answer: boolean): boolean => answer;

/** Share of positive answers. */
export const selectionRate = shareAmong(always, isAnswered);
/** Share of right answers. */
export const accuracy = shareAmong(always, (label, answer) => (label === 1) === answer);
/** Share of positives that were answered positive; none without positives. */
export const truePositiveRate = shareAmong((label) => label === 1, isAnswered);
/** Share of negatives that were answered positive; none without negatives. */
export const falsePositiveRate = shareAmong((label) => label === 0, isAnswered);

/** Mean absolute error. */
export const meanAbsoluteError: GroupMetric = (labels, predictions) => {
  if (labels.length === 0) return undefined;
  let sum = 0;
  for (let row = 0; row < labels.length; row += 1)
    sum += Math.abs((labels[row] as number) - (predictions[row] as number));
  return sum / labels.length;
};

/** Mean of the answers. */
export const meanPrediction: GroupMetric = (_labels, predictions) => {
  if (predictions.length === 0) return undefined;
  let sum = 0;
  for (const prediction of predictions) sum += prediction;
  return sum / predictions.length;
};
