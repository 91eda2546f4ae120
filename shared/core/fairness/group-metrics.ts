/** A metric of the rows of one group; undefined where fewer than `fewest` of them have it. @param fewest 1 or more */
export type GroupMetric = (labels: Float64Array, predictions: Float64Array, fewest: number) => number | undefined;

const shareAmong =
  (isAmong: (label: number, answer: boolean) => boolean, isHit: (label: number, answer: boolean) => boolean) =>
  (threshold: number): GroupMetric =>
  (labels, predictions, fewest) => {
    let [hits, among] = [0, 0];
    for (let row = 0; row < labels.length; row += 1) {
      const [label, answer] = [labels[row] as number, (predictions[row] as number) >= threshold];
      if (!isAmong(label, answer)) continue;
      among += 1;
      if (isHit(label, answer)) hits += 1;
    }
    return among < fewest ? undefined : hits / among;
  };

const always = (): boolean => true;
const isAnswered = (_label: number, answer: boolean): boolean => answer;

/** Share of positive answers. */
export const selectionRate = shareAmong(always, isAnswered);
/** Share of right answers. */
export const accuracy = shareAmong(always, (label, answer) => (label === 1) === answer);
/** Share of positives that were answered positive: of positives only. */
export const truePositiveRate = shareAmong((label) => label === 1, isAnswered);
/** Share of negatives that were answered positive: of negatives only. */
export const falsePositiveRate = shareAmong((label) => label === 0, isAnswered);

/** Mean absolute error. */
export const meanAbsoluteError: GroupMetric = (labels, predictions, fewest) => {
  if (labels.length < fewest) return undefined;
  let sum = 0;
  for (let row = 0; row < labels.length; row += 1)
    sum += Math.abs((labels[row] as number) - (predictions[row] as number));
  return sum / labels.length;
};

/** Mean of the answers. */
export const meanPrediction: GroupMetric = (_labels, predictions, fewest) => {
  if (predictions.length < fewest) return undefined;
  let sum = 0;
  for (const prediction of predictions) sum += prediction;
  return sum / predictions.length;
};
