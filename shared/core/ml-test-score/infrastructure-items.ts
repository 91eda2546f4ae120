import { DAY_MS, SECOND_MS } from '../../kernel/time.ts';
import { isRollBack } from '../deployment/index.ts';
import type { Rollout } from '../registry/index.ts';
import type { ModelRecords } from './model-records.ts';
import { count, evidenceAt, fresh, lacksDaily, type Requirement, show } from './requirement.ts';
import { ATTESTED_HALF, RESULTS_WHOLE, type RubricItem, recordedResults } from './rubric-item.ts';

/** Tests for ML infrastructure. */

const REPRODUCED_DAYS = 180;
const ROLLED_BACK_DAYS = 180;
const SLOWEST_ROLL_BACK_MS = 5 * 60 * SECOND_MS;

const REPRODUCE = { action: 'millrace reproduce {model}@{version}', effort: 'command' } as const;

const reproducedOnce = ({ reproductions }: ModelRecords): Requirement => {
  const equal = reproductions.find(({ content }) => content.outcome === 'equal');
  if (equal === undefined) {
    const lacks =
      reproductions.length === 0 ? 'no version was ever trained again' : 'no version trained again had the same bytes';
    return { ...REPRODUCE, lacks };
  }
  const files = Object.keys(equal.content.files).length;
  return {
    ...REPRODUCE,
    lacks: '',
    found: evidenceAt(equal, `version ${equal.content.version} trained again: ${files} files have the very bytes`),
  };
};

const servedReproduced = ({ reproductions, version, nowMs }: ModelRecords): Requirement => {
  const newest = reproductions.find(({ content }) => content.version === version?.version);
  if (newest === undefined) return { ...REPRODUCE, lacks: 'the version in service was not trained again' };
  if (newest.content.outcome !== 'equal') {
    const files = Object.entries(newest.content.files).filter(([, { equal }]) => !equal);
    return {
      ...REPRODUCE,
      lacks: `trained again, version ${newest.content.version} differs in ${files.map(([file]) => file).join(', ')}`,
    };
  }
  const found = fresh(newest, nowMs, REPRODUCED_DAYS * DAY_MS);
  if (found === undefined) return { ...REPRODUCE, lacks: lacksDaily('reproduction', newest, nowMs) };
  return {
    ...REPRODUCE,
    lacks: '',
    found: evidenceAt(found, `the version in service was trained again within ${REPRODUCED_DAYS} days, bit for bit`),
  };
};

/** The newest rollout by which the version in service was tried; going back to it later is none. */
const rolloutIn = ({ rollouts, version }: ModelRecords): Rollout | undefined =>
  rollouts.find(
    (rollout) =>
      rollout.status === 'PROMOTED' &&
      rollout.kind === 'model' &&
      rollout.version === version?.version &&
      !isRollBack(rollout),
  );

const atRollout = ({ rolloutId, endedAtMs }: Rollout) => ({
  where: `registry: rollout ${rolloutId}`,
  ...(endedAtMs === undefined ? {} : { atMs: endedAtMs }),
});

const wholeWay = (records: ModelRecords): Requirement => {
  const { run, version } = records;
  const asked = { action: 'millrace train {model}', effort: 'command' } as const;
  const rollout = rolloutIn(records);
  if (run?.status !== 'FINISHED' || run.version !== version?.version || rollout === undefined) {
    return { ...asked, lacks: 'no run of the pipeline went from the data to the version in service' };
  }
  const what = `run ${run.runId} went through every step to version ${run.version}, and that to all traffic`;
  return { ...asked, lacks: '', found: { what, ...atRollout(rollout) } };
};

const gatePassed = ({ evaluation }: ModelRecords): Requirement => {
  const asked = { action: 'train a version by the pipeline: millrace train {model}', effort: 'command' } as const;
  if (evaluation === undefined)
    return { ...asked, lacks: 'no verdict of the gate on the version in service is on record' };
  const { passed, findings } = evaluation.content;
  if (!passed) return { ...asked, lacks: 'the version in service did not pass its gate' };
  return {
    ...asked,
    lacks: '',
    found: evidenceAt(evaluation, `passed the gate: ${findings.map(({ rule }) => rule).join(', ')}`),
  };
};

const judgedBeforeServing = (records: ModelRecords): Requirement => {
  const { evaluation, replay, version } = records;
  const asked = { action: 'millrace rollout {model}@{version}', effort: 'command' } as const;
  const rollout = rolloutIn(records);
  if (evaluation === undefined || rollout === undefined || version === undefined) {
    return { ...asked, lacks: 'no rollout after a gate brought the version into service' };
  }
  // Uploaded versions have their verdict in their package, whose objects are written anew whenever it is registered.
  const judgedAtMs = Math.min(evaluation.atMs, version.registeredAtMs);
  if (judgedAtMs > rollout.startedAtMs) return { ...asked, lacks: 'the version was judged after its rollout began' };
  const compared = replay?.content.rowCount ?? 0;
  const beside = compared === 0 ? '' : `; ${compared} captured inputs replayed before its first request`;
  return { ...asked, lacks: '', found: { what: `judged before its rollout began${beside}`, ...atRollout(rollout) } };
};

const explainable = ({ explanation }: ModelRecords): Requirement => {
  const asked = { action: 'train a version by the pipeline: millrace train {model}', effort: 'command' } as const;
  if (explanation === undefined)
    return { ...asked, lacks: 'nothing to explain predictions of the version in service by is on record' };
  const { backgroundRowCount, coverCount } = explanation.content;
  const what = `${backgroundRowCount} background rows and the rows of ${coverCount} nodes, by which single predictions are explained`;
  return { ...asked, lacks: '', found: evidenceAt(explanation, what) };
};

/** Sums of float32 in another order: the last bits. */
const LARGEST_DIFFERENCE = 1e-5;

const traced = ({ trace, version, nowMs }: ModelRecords): Requirement => {
  const asked = { action: 'let a prediction be captured: it is traced by the next score', effort: 'time' } as const;
  const found = fresh(trace, nowMs);
  if (found === undefined || found.content.version !== version?.version) {
    return { ...asked, lacks: lacksDaily('trace of a prediction', trace, nowMs) };
  }
  const { predictionId, operatorCount, treeCount, difference } = found.content;
  if (difference > LARGEST_DIFFERENCE) {
    return {
      ...asked,
      lacks: `prediction ${predictionId}, computed step by step, is off by ${show(difference)}`,
      effort: 'work',
    };
  }
  const what = `prediction ${predictionId} computed again step by step: ${count(operatorCount, 'operator')}, ${count(treeCount, 'tree')}, ${difference === 0 ? 'the very bits of' : `within ${show(difference)} of`} the answer`;
  return { ...asked, lacks: '', found: evidenceAt(found, what) };
};

const promotedByRollout = (records: ModelRecords): Requirement => {
  const asked = { action: 'millrace rollout {model}@{version}', effort: 'command' } as const;
  const rollout = rolloutIn(records);
  if (rollout === undefined) return { ...asked, lacks: 'no rollout of the version in service is on record' };
  return {
    ...asked,
    lacks: '',
    found: { what: `version ${rollout.version} was promoted: ${rollout.reason ?? ''}`, ...atRollout(rollout) },
  };
};

const canaried = (records: ModelRecords): Requirement => {
  const asked = { action: 'millrace rollout {model}@{version}, beside the version before', effort: 'command' } as const;
  const rollout = rolloutIn(records);
  const steps = (rollout?.shifts ?? []).filter(({ weight }) => weight > 0 && weight < 1);
  const [first] = steps;
  if (rollout === undefined || first === undefined) {
    return { ...asked, lacks: 'the version in service got all traffic at once: no canary is on record' };
  }
  if (rollout.previousVersion === undefined) {
    return { ...asked, lacks: 'no version served beside the canary of the version in service' };
  }
  const hours = ((rollout.endedAtMs ?? first.atMs) - first.atMs) / (3_600 * SECOND_MS);
  const weights = steps.map(({ weight }) => weight).join(', ');
  return {
    ...asked,
    lacks: '',
    found: { what: `canary at ${weights} of the traffic for ${show(hours)} hours`, ...atRollout(rollout) },
  };
};

interface RolledBack {
  readonly rollout: Rollout;
  readonly atMs: number;
  readonly by: string;
  /**
   * From the word to the shift of traffic. Unknown where the canary's judge gave it, and where both were written at once:
   * a canary that is stopped is on record as over before its traffic moves.
   */
  readonly tookMs?: number;
}

const isGone = (rollout: Rollout): boolean =>
  isRollBack(rollout)
    ? rollout.status === 'PROMOTED'
    : rollout.status === 'ROLLED_BACK' && (rollout.shifts ?? []).length > 0;

const rollBackOf = (rollout: Rollout): RolledBack | undefined => {
  const { decision, endedAtMs, shifts } = rollout;
  if (!isGone(rollout) || endedAtMs === undefined) return undefined;
  if (decision?.action !== 'roll back')
    return { rollout, atMs: endedAtMs, by: isRollBack(rollout) ? 'a person' : 'its judge' };
  const { decidedAtMs, decidedBy: by } = decision;
  const shiftedAtMs = shifts?.at(-1)?.atMs;
  const isTimed = shiftedAtMs !== undefined && (isRollBack(rollout) || shiftedAtMs > decidedAtMs);
  return { rollout, atMs: endedAtMs, by, ...(isTimed ? { tookMs: Math.max(0, shiftedAtMs - decidedAtMs) } : {}) };
};

const DRILL = {
  action: 'a drill while no canary runs, whose seconds are on record: millrace rollback {model} --reason drill',
  effort: 'command',
} as const;

const tellSeconds = (tookMs: number): string =>
  tookMs < SECOND_MS ? 'within a second' : `within ${show(tookMs / SECOND_MS)} s`;

const tell = ({ rollout, by, tookMs }: RolledBack): string => {
  const what = isRollBack(rollout) ? 'was gone back to' : 'lost its traffic';
  return `version ${rollout.version} ${what} by ${by}${tookMs === undefined ? '' : ` ${tellSeconds(tookMs)}`}`;
};

const rolledBack = ({ rollouts }: ModelRecords): Requirement => {
  const found = rollouts.flatMap((rollout) => rollBackOf(rollout) ?? [])[0];
  if (found === undefined) return { ...DRILL, lacks: 'no roll-back is on record' };
  return {
    ...DRILL,
    lacks: '',
    found: { what: tell(found), where: `registry: rollout ${found.rollout.rolloutId}`, atMs: found.atMs },
  };
};

const rolledBackQuickly = ({ rollouts, nowMs }: ModelRecords): Requirement => {
  const timed = rollouts.flatMap((rollout) => rollBackOf(rollout) ?? []).filter(({ tookMs }) => tookMs !== undefined);
  const found = timed.find(({ atMs }) => nowMs - atMs <= ROLLED_BACK_DAYS * DAY_MS);
  if (found === undefined)
    return { ...DRILL, lacks: `no roll-back of the last ${ROLLED_BACK_DAYS} days has its seconds on record` };
  const slow = (found.tookMs ?? 0) > SLOWEST_ROLL_BACK_MS;
  if (slow) return { ...DRILL, lacks: `the newest took longer than 5 minutes: ${tell(found)}` };
  return {
    ...DRILL,
    lacks: '',
    found: { what: tell(found), where: `registry: rollout ${found.rollout.rolloutId}`, atMs: found.atMs },
  };
};

export const INFRASTRUCTURE_ITEMS: readonly RubricItem[] = [
  {
    item: 'infrastructure-1',
    section: 'infrastructure',
    title: 'Training is reproducible',
    halfPoint: 'a version was trained again and had the very bytes',
    wholePoint: `the version in service was, within ${REPRODUCED_DAYS} days`,
    find: (records) => ({ half: [reproducedOnce(records)], whole: [servedReproduced(records)] }),
  },
  {
    item: 'infrastructure-2',
    section: 'infrastructure',
    title: 'Model specification code is unit tested',
    halfPoint: ATTESTED_HALF,
    wholePoint: RESULTS_WHOLE('infrastructure-2'),
    find: (records) => ({
      half: [],
      whole: [recordedResults(records, 'infrastructure-2', 'unit tests of the model’s code')],
    }),
  },
  {
    item: 'infrastructure-3',
    section: 'infrastructure',
    title: 'The full ML pipeline is integration tested',
    halfPoint: 'a run of the pipeline went from the data to the version in service, step by step',
    wholePoint: RESULTS_WHOLE('infrastructure-3'),
    find: (records) => ({
      half: [wholeWay(records)],
      whole: [recordedResults(records, 'infrastructure-3', 'a test of the whole pipeline')],
    }),
  },
  {
    item: 'infrastructure-4',
    section: 'infrastructure',
    title: 'Model quality is validated before attempting to serve it',
    halfPoint: 'the version in service passed its gate',
    wholePoint: 'before its rollout began',
    find: (records) => ({ half: [gatePassed(records)], whole: [judgedBeforeServing(records)] }),
  },
  {
    item: 'infrastructure-5',
    section: 'infrastructure',
    title: 'The model allows debugging by observing the step-by-step computation on a single example',
    halfPoint: 'what single predictions of the version in service are explained by is on record',
    wholePoint:
      'in the last 3 days one of its predictions was computed again operator by operator, and was the answer given',
    find: (records) => ({ half: [explainable(records)], whole: [traced(records)] }),
  },
  {
    item: 'infrastructure-6',
    section: 'infrastructure',
    title: 'Models are tested via a canary process before they enter production serving environments',
    halfPoint: 'a rollout on record brought the version into service',
    wholePoint: 'with a part of the traffic first, beside the version before',
    find: (records) => ({ half: [promotedByRollout(records)], whole: [canaried(records)] }),
  },
  {
    item: 'infrastructure-7',
    section: 'infrastructure',
    title: 'Models can be quickly and safely rolled back to a previous serving version',
    halfPoint: 'a roll-back is on record',
    wholePoint: `one of the last ${ROLLED_BACK_DAYS} days, by a word, with its seconds: at most 5 minutes`,
    find: (records) => ({ half: [rolledBack(records)], whole: [rolledBackQuickly(records)] }),
  },
];
