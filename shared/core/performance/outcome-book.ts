import { dayOf, openFollowedRows } from './followed-rows.ts';
import { type LabelFact, type OutcomeRow, type PredictionFact, standsBefore, withLabel } from './outcome-row.ts';

/** What is kept of one UTC day: its followed predictions, and the labels received on it whose prediction is unknown. */
export interface OutcomeDay {
  readonly day: string;
  /** Share of ids that are followed, by their hash: 1, ½, ¼ … */
  readonly followedShare: number;
  readonly rows: readonly OutcomeRow[];
  readonly strays: readonly StrayLabel[];
}

export interface StrayLabel extends LabelFact {
  readonly predictionId: string;
}

/**
 * Predictions and labels as they come, in any order, late, and more than once: each id is one prediction, the earliest,
 * in the one day and hour of its time, and its labels follow it. Labels that come first wait. A line that was taken
 * before changes nothing, so that lines may be read again after a failure.
 */
export interface OutcomeBook {
  readonly takePrediction: (predictionId: string, fact: PredictionFact) => void;
  readonly takeLabel: (predictionId: string, fact: LabelFact) => void;
  readonly days: () => readonly OutcomeDay[];
  /** Days that hold other than what was opened. */
  readonly changedDays: () => readonly OutcomeDay[];
}

export interface BookSettings {
  /** Start of the first day that is open: what is older is closed, and is not taken. */
  readonly fromMs: number;
  /** Predictions of a day that are followed. */
  readonly most: number;
}

const byId = (a: { readonly predictionId: string }, b: { readonly predictionId: string }): number =>
  a.predictionId < b.predictionId ? -1 : a.predictionId > b.predictionId ? 1 : 0;

/** Labels that wait for their prediction, by id, and the days of receipt on which some came or went. */
const openStrays = (stored: readonly OutcomeDay[]) => {
  const waiting = new Map<string, readonly LabelFact[]>();
  const changedDays = new Set<string>();
  for (const { strays } of stored)
    for (const { predictionId, ...fact } of strays)
      waiting.set(predictionId, withLabel(waiting.get(predictionId) ?? [], fact));
  return {
    changedDays,
    add: (id: string, fact: LabelFact): void => {
      const standing = waiting.get(id) ?? [];
      const labels = withLabel(standing, fact);
      if (labels === standing) return;
      waiting.set(id, labels);
      changedDays.add(dayOf(fact.receivedAtMs));
    },
    claim: (id: string): readonly LabelFact[] => {
      const labels = waiting.get(id) ?? [];
      waiting.delete(id);
      for (const { receivedAtMs } of labels) changedDays.add(dayOf(receivedAtMs));
      return labels;
    },
    byDay: (keeps: (id: string) => boolean): ReadonlyMap<string, readonly StrayLabel[]> =>
      Map.groupBy(
        [...waiting]
          .filter(([id]) => keeps(id))
          .flatMap(([predictionId, facts]) => facts.map((fact) => ({ predictionId, ...fact }))),
        ({ receivedAtMs }) => dayOf(receivedAtMs),
      ),
  };
};

/** @param stored the open days as they were left; days that are missing had nothing */
export const openOutcomeBook = (stored: readonly OutcomeDay[], { fromMs, most }: BookSettings): OutcomeBook => {
  const followed = openFollowedRows(stored, most);
  const strays = openStrays(stored);

  const days = (): readonly OutcomeDay[] => {
    const straysOf = strays.byDay(followed.followsOnAllDays);
    const names = new Set([...followed.days.keys(), ...straysOf.keys(), ...strays.changedDays]);
    return [...names].sort().map((day) => ({
      day,
      followedShare: followed.days.get(day)?.followedShare ?? 1,
      rows: [...(followed.days.get(day)?.rows.values() ?? [])].sort(byId),
      strays: [...(straysOf.get(day) ?? [])].sort(byId),
    }));
  };

  return {
    takePrediction: (predictionId, fact) => {
      if (fact.atMs < fromMs || !followed.follows(predictionId, dayOf(fact.atMs))) return;
      const standing = followed.get(predictionId);
      if (standing !== undefined && !standsBefore(fact, standing)) return;
      const labels = strays.claim(predictionId).reduce(withLabel, standing?.labels ?? []);
      followed.put({ predictionId, ...fact, labels });
    },
    takeLabel: (predictionId, fact) => {
      const row = followed.get(predictionId);
      if (row === undefined) {
        if (fact.receivedAtMs >= fromMs && followed.followsOnAllDays(predictionId)) strays.add(predictionId, fact);
        return;
      }
      const labels = withLabel(row.labels, fact);
      if (labels !== row.labels) followed.put({ ...row, labels });
    },
    days,
    changedDays: () =>
      days().filter(({ day }) => followed.days.get(day)?.changed === true || strays.changedDays.has(day)),
  };
};
