/** A prediction and everything that was ever said about its label. */

export interface LabelFact {
  readonly label: number;
  /** When the truth became known, and when we heard of it. */
  readonly knownAtMs: number;
  readonly receivedAtMs: number;
  readonly kpis?: Readonly<Record<string, number>> | undefined;
}

export interface PredictionFact {
  readonly atMs: number;
  readonly version: number;
  readonly output: number;
  /** Names of the declared slices that it is of. */
  readonly slices: readonly string[];
  /** By declared fairness division: its group. */
  readonly groups: Readonly<Record<string, string>>;
}

export interface OutcomeRow extends PredictionFact {
  readonly predictionId: string;
  /** Distinct, by the time of receipt. */
  readonly labels: readonly LabelFact[];
}

/** What else is told about one label: nobody corrects it more often, and a loop of a caller should not fill a day. */
const MOST_FACTS = 16;

/** The earlier answer stands; the further keys only make the choice the same in any order of lines. */
export const standsBefore = (a: PredictionFact, b: PredictionFact): boolean =>
  a.atMs !== b.atMs ? a.atMs < b.atMs : a.version !== b.version ? a.version < b.version : a.output < b.output;

/** The newest truth wins; of two as new, the one that was received last. */
export const isNewer = (a: LabelFact, b: LabelFact): boolean =>
  a.knownAtMs !== b.knownAtMs
    ? a.knownAtMs > b.knownAtMs
    : a.receivedAtMs !== b.receivedAtMs
      ? a.receivedAtMs > b.receivedAtMs
      : a.label > b.label;

const isSame = (a: LabelFact, b: LabelFact): boolean =>
  a.receivedAtMs === b.receivedAtMs && a.knownAtMs === b.knownAtMs && a.label === b.label;

const byReceipt = (a: LabelFact, b: LabelFact): number =>
  a.receivedAtMs - b.receivedAtMs || a.knownAtMs - b.knownAtMs || a.label - b.label;

/**
 * One fact more, unless it is there: a line that comes twice changes nothing, and any order of lines gives the same. Of
 * too many the newest truths are kept.
 */
export const withLabel = (labels: readonly LabelFact[], fact: LabelFact): readonly LabelFact[] => {
  if (labels.some((one) => isSame(one, fact))) return labels;
  const all = [...labels, fact].sort(byReceipt);
  if (all.length <= MOST_FACTS) return all;
  const oldest = all.reduce((standing, one) => (isNewer(standing, one) ? one : standing));
  return oldest === fact ? labels : all.filter((one) => one !== oldest);
};

export interface LabelChange {
  readonly from: LabelFact;
  readonly to: LabelFact;
}

export interface SettledLabel {
  /** The newest truth of those received in time; absent while there is none. */
  readonly label?: LabelFact;
  /** When the first was received. */
  readonly firstAtMs?: number;
  /** In time, and said again what stood already or what was older than it. */
  readonly repeatedCount: number;
  /** In time, and replaced the label that stood by another. */
  readonly changes: readonly LabelChange[];
  readonly tooLateCount: number;
}

/** What the labels received until `asOfMs`, and before the prediction's window closed, come to, in the order of receipt. */
export const settleLabels = (
  labels: readonly LabelFact[],
  { asOfMs, closesAtMs }: { readonly asOfMs: number; readonly closesAtMs: number },
): SettledLabel => {
  const heard = labels.filter(({ receivedAtMs }) => receivedAtMs <= asOfMs);
  const inTime = heard.filter(({ receivedAtMs }) => receivedAtMs < closesAtMs);
  const changes: LabelChange[] = [];
  let standing: LabelFact | undefined;
  for (const fact of inTime) {
    if (standing !== undefined && !isNewer(fact, standing)) continue;
    if (standing !== undefined && standing.label !== fact.label) changes.push({ from: standing, to: fact });
    standing = fact;
  }
  return {
    ...(standing === undefined ? {} : { label: standing, firstAtMs: (inTime[0] as LabelFact).receivedAtMs }),
    repeatedCount: Math.max(0, inTime.length - 1 - changes.length),
    changes,
    tooLateCount: heard.length - inTime.length,
  };
};
