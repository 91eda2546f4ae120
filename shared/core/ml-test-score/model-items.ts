import { DAY_MS } from '../../kernel/time.ts';
import { approvalPolicyOf, submitterOf } from '../governance/index.ts';
import { correlateReleases, FEWEST_RELEASES } from './correlate-releases.ts';
import type { ModelRecords, RecordedEvaluation, RecordedReport } from './model-records.ts';
import { count, evidenceAt, fresh, lacksDaily, nameSome, type Requirement, show } from './requirement.ts';
import { ATTESTED_HALF, RESULTS_WHOLE, type RubricItem, recordedResults } from './rubric-item.ts';

/** Tests for model development. */

const TRAIN = { action: 'train a version by the pipeline: millrace train {model}', effort: 'command' } as const;

/** Policies approve in the name of a rule. */
const isPerson = (principal: string): boolean => !/^(policy|workflow):/.test(principal);

const ASK_ANOTHER = {
  automatic: {
    action: 'let a person approve: approval: { mode: "manual" } in the definition, then millrace approve',
    effort: 'definition',
  },
  manual: {
    action: 'let somebody else than who asks for the next version approve it: millrace approve {model}@N --reason TEXT',
    effort: 'time',
  },
} as const;

const reviewed = ({ definition, version, run }: ModelRecords): Requirement => {
  const asked = ASK_ANOTHER[approvalPolicyOf(definition?.approval).mode];
  if (version === undefined) return { ...asked, lacks: 'no version is in service' };
  const submitter = submitterOf(version, run);
  const named = [
    ...(version.approvals ?? []).map(({ principal, atMs }) => ({ principal, atMs })),
    ...(version.decidedBy === undefined ? [] : [{ principal: version.decidedBy, atMs: version.decidedAtMs }]),
  ];
  const reviewer = named.find(({ principal }) => isPerson(principal) && principal !== submitter);
  if (reviewer === undefined) {
    return {
      ...asked,
      lacks: `nobody but ${submitter} looked at version ${version.version}: ${named.some(({ principal }) => isPerson(principal)) ? 'who brought it approved it' : 'it was approved by a rule'}`,
    };
  }
  const what = `version ${version.version} of ${submitter} was approved by ${reviewer.principal}`;
  const where = `registry: version ${version.version}`;
  return {
    ...asked,
    lacks: '',
    found: { what, where, ...(reviewer.atMs === undefined ? {} : { atMs: reviewer.atMs }) },
  };
};

const checkedIn = ({ materials }: ModelRecords): Requirement => {
  if (materials === undefined) return { ...TRAIN, lacks: 'what the version was made from is not on record' };
  const what = `the definition as it stood, and the digests of the code of ${materials.content.functionCount} functions`;
  return { ...TRAIN, lacks: '', found: evidenceAt(materials, what) };
};

const reviewEnforced = ({ definition }: ModelRecords): Requirement => {
  const asked = {
    action: 'approval: { mode: "manual", distinctFromSubmitter: true } in the definition',
    effort: 'definition',
  } as const;
  const policy = approvalPolicyOf(definition?.approval);
  if (definition === undefined || policy.mode !== 'manual' || !policy.distinctFromSubmitter) {
    return { ...asked, lacks: 'nothing keeps a version that nobody else looked at from being approved' };
  }
  const what = `the policy asks for ${count(policy.minApprovals, 'approval')} by somebody else than who brought it`;
  return { ...asked, lacks: '', found: { what, where: 'definition: approval' } };
};

const releasesKnown = ({ releases }: ModelRecords): Requirement => {
  const asked = { action: 'let versions serve until their labels are in', effort: 'time' } as const;
  const [newest] = releases;
  if (newest === undefined || releases.length < 2) {
    return {
      ...asked,
      lacks: `of ${count(releases.length, 'version')} both the holdout’s loss and that in service are known; 2 are needed`,
    };
  }
  const pairs = releases.map(
    ({ version, offlineLoss, onlineLoss }) => `version ${version}: ${show(offlineLoss)} → ${show(onlineLoss)}`,
  );
  const what = `loss on the holdout → in service: ${pairs.join(', ')}`;
  return { ...asked, lacks: '', found: { what, where: newest.where, atMs: newest.atMs } };
};

const releasesCorrelate = ({ releases }: ModelRecords): Requirement => {
  const asked = { action: 'let more versions serve until their labels are in', effort: 'time' } as const;
  const found = correlateReleases(releases);
  const [newest] = releases;
  if (found === undefined || newest === undefined) {
    return {
      ...asked,
      lacks: `a correlation needs ${FEWEST_RELEASES} versions with both losses, there are ${releases.length}`,
    };
  }
  const told = `${show(found.value)} over ${releases.length} versions, 95 % interval ${show(found.lower)} to ${show(found.upper)}`;
  if (found.lower <= 0)
    return { ...asked, lacks: `the correlation of both losses is not shown to be above 0: ${told}` };
  return {
    ...asked,
    lacks: '',
    found: { what: `correlation of both losses ${told}`, where: newest.where, atMs: newest.atMs },
  };
};

const FEWEST_AGES = 3;
const STALENESS_DAYS = 180;

const stalenessMeasured = ({ staleness }: ModelRecords): Requirement => {
  const asked = { action: 'let an alarm estimate whether retraining pays', effort: 'time' } as const;
  if (staleness === undefined) return { ...asked, lacks: 'no quality by model age is on record' };
  const { points, statement } = staleness.content;
  if (points.length < FEWEST_AGES)
    return { ...asked, lacks: `quality is known at ${count(points.length, 'age')}, ${FEWEST_AGES} are needed` };
  return {
    ...asked,
    lacks: '',
    found: evidenceAt(staleness, `loss by age of the model at ${points.length} ages: ${statement}`),
  };
};

const stalenessCurrent = ({ staleness, nowMs }: ModelRecords): Requirement => {
  const asked = { action: 'let the next alarm estimate whether retraining pays', effort: 'time' } as const;
  const found = fresh(staleness, nowMs, STALENESS_DAYS * DAY_MS);
  if (found === undefined) return { ...asked, lacks: lacksDaily('staleness curve', staleness, nowMs) };
  const sure = found.content.points.filter(({ lower }) => lower !== undefined).length;
  if (sure < FEWEST_AGES) return { ...asked, lacks: `only ${count(sure, 'age')} of the curve have an interval` };
  return {
    ...asked,
    lacks: '',
    found: evidenceAt(found, `made by itself within ${STALENESS_DAYS} days, ${sure} ages with an interval`),
  };
};

const actedOn = ({ definition }: ModelRecords): Requirement => {
  const asked = {
    action: 'retraining: { onDrift: true } or a schedule in the definition',
    effort: 'definition',
  } as const;
  const causes = definition?.retrainsOn ?? [];
  if (causes.length === 0) return { ...asked, lacks: 'nothing trains the model again by itself' };
  return {
    ...asked,
    lacks: '',
    found: { what: `trained again on ${causes.join(', ')}`, where: 'definition: retraining' },
  };
};

const betterThanBaseRate = ({ evaluation }: ModelRecords): Requirement => {
  if (evaluation === undefined) return { ...TRAIN, lacks: 'the version in service was compared with nothing simpler' };
  const { loss, baseline, findings } = evaluation.content;
  const finding = findings.find(({ rule }) => rule === 'gain-over-baseline');
  if (finding?.passed !== true || loss >= baseline.loss) {
    return {
      ...TRAIN,
      lacks: finding?.message ?? `its loss ${show(loss)} is not below the base rate’s ${show(baseline.loss)}`,
    };
  }
  return {
    ...TRAIN,
    lacks: '',
    found: evidenceAt(evaluation, `loss ${show(loss)} on the holdout, the base rate’s ${show(baseline.loss)}`),
  };
};

const betterThanSimpler = ({ report }: ModelRecords): Requirement => {
  const simpler = report?.content.simplerModel;
  if (report === undefined || simpler === undefined) {
    return {
      ...TRAIN,
      lacks: 'no simpler model that learnt from the same rows was compared with the version in service',
    };
  }
  const {
    what,
    loss,
    lossAboveCandidate: { mean, lower, upper },
  } = simpler;
  const told = `${what} has loss ${show(loss)}, ${show(mean)} more a day${lower === undefined || upper === undefined ? ' (no interval)' : `, 95 % interval by days ${show(lower)} to ${show(upper)}`}`;
  if (lower === undefined || lower <= 0) {
    return {
      lacks: `a simpler model is not shown to be worse: ${told}`,
      action: 'serve the simpler model, or improve this one',
      effort: 'work',
    };
  }
  return { ...TRAIN, lacks: '', found: evidenceAt(report, told) };
};

/** Mean log loss of always answering p where a share m came true. */
const constantLogLoss = (share: number, prediction: number): number => {
  const part = (weight: number, chance: number): number => (weight === 0 ? 0 : -weight * Math.log(chance));
  return part(share, prediction) + part(1 - share, 1 - prediction);
};

const worseSlices = (report: RecordedReport, { baseline }: RecordedEvaluation): readonly string[] =>
  report.slices
    .filter(({ loss, labelMean }) => loss > constantLogLoss(labelMean, baseline.prediction))
    .map(({ feature, value }) => `${feature}: ${value}`);

const slicesSufficient = ({ report, evaluation, definition }: ModelRecords): Requirement => {
  const slices = report?.content.slices ?? [];
  if (report === undefined || evaluation === undefined || slices.length === 0) {
    return { ...TRAIN, lacks: 'the version’s quality by slice is not on record' };
  }
  // What a constant would lose on a slice is not told by its mean label where labels are any number.
  const told = definition?.task !== 'binary-classification';
  const worse = told ? [] : worseSlices(report.content, evaluation.content);
  if (worse.length > 0) {
    return {
      lacks: `on these slices the base rate is as good: ${nameSome(worse)}`,
      action: 'improve the model there',
      effort: 'work',
    };
  }
  const what = `loss of ${count(slices.length, 'slice')} on the holdout${told ? '' : ', each below the base rate’s'}`;
  return { ...TRAIN, lacks: '', found: evidenceAt(report, what) };
};

const slicesWatched = ({ performance, nowMs }: ModelRecords): Requirement => {
  const asked = { action: 'declare the slices that matter in monitors', effort: 'definition' } as const;
  const found = fresh(performance, nowMs);
  if (found === undefined)
    return { ...asked, lacks: lacksDaily('performance report', performance, nowMs), effort: 'time' };
  const { slices } = found.content;
  if (slices.length === 0) return { ...asked, lacks: 'the quality in service is measured on no declared slice' };
  return { ...asked, lacks: '', found: evidenceAt(found, `quality in service on ${nameSome(slices)}`) };
};

const fairnessMeasured = ({ performance }: ModelRecords): Requirement => {
  const asked = { action: 'declare the groups: monitors.performance in the definition', effort: 'definition' } as const;
  const fairness = performance?.content.fairness;
  if (performance === undefined || fairness === undefined) {
    return { ...asked, lacks: 'no groups are compared, and nobody vouches that none have to be' };
  }
  const what = `${count(fairness.metricCount, 'metric')} compared between groups by ${nameSome(fairness.by)}`;
  return { ...asked, lacks: '', found: evidenceAt(performance, what) };
};

const fairnessCurrent = ({ performance, nowMs }: ModelRecords): Requirement => {
  const asked = { action: 'let the daily check measure it', effort: 'time' } as const;
  const found = fresh(performance, nowMs);
  if (found === undefined) return { ...asked, lacks: lacksDaily('performance report', performance, nowMs) };
  if (found.content.fairness === undefined)
    return { ...asked, lacks: 'the daily check compared no groups of labelled predictions' };
  return { ...asked, lacks: '', found: evidenceAt(found, 'measured by the daily check') };
};

export const MODEL_ITEMS: readonly RubricItem[] = [
  {
    item: 'model-1',
    section: 'model',
    title: 'Every model specification undergoes a code review and is checked in to a repository',
    halfPoint: 'a person other than the one who brought it approved the version in service',
    wholePoint:
      'the definition and the digests of the code are on record, and the approval policy lets no other version through',
    find: (records) => ({ half: [reviewed(records)], whole: [checkedIn(records), reviewEnforced(records)] }),
  },
  {
    item: 'model-2',
    section: 'model',
    title: 'Offline proxy metrics correlate with actual online impact metrics',
    halfPoint: 'for two versions the loss on the holdout and the loss in service are both on record',
    wholePoint: `over ${FEWEST_RELEASES} versions or more their correlation is above 0 with its 95 % interval`,
    find: (records) => ({ half: [releasesKnown(records)], whole: [releasesCorrelate(records)] }),
  },
  {
    item: 'model-3',
    section: 'model',
    title: 'All hyperparameters have been tuned',
    halfPoint: ATTESTED_HALF,
    wholePoint: RESULTS_WHOLE('model-3'),
    find: (records) => ({ half: [], whole: [recordedResults(records, 'model-3', 'a sweep of each hyperparameter')] }),
  },
  {
    item: 'model-4',
    section: 'model',
    title: 'The impact of model staleness is known',
    halfPoint: `the loss by age of the model is on record at ${FEWEST_AGES} ages or more`,
    wholePoint: `it was made by itself in the last ${STALENESS_DAYS} days with intervals, and something trains the model again`,
    find: (records) => ({ half: [stalenessMeasured(records)], whole: [stalenessCurrent(records), actedOn(records)] }),
  },
  {
    item: 'model-5',
    section: 'model',
    title: 'A simpler model is not better',
    halfPoint: 'the gate found the version in service better than the base rate',
    wholePoint: 'and better than a simpler model that learnt from the same rows, with its 95 % interval by days',
    find: (records) => ({ half: [betterThanBaseRate(records)], whole: [betterThanSimpler(records)] }),
  },
  {
    item: 'model-6',
    section: 'model',
    title: 'Model quality is sufficient on all important data slices',
    halfPoint: 'the holdout’s loss by slice is on record, and on no slice is the base rate as good (classification)',
    wholePoint: 'the quality in service is measured on declared slices by a check of the last 3 days',
    find: (records) => ({ half: [slicesSufficient(records)], whole: [slicesWatched(records)] }),
  },
  {
    item: 'model-7',
    section: 'model',
    title: 'The model has been tested for considerations of inclusion',
    halfPoint: 'the quality was compared between declared groups',
    wholePoint: 'it is by a check of the last 3 days',
    find: (records) => ({ half: [fairnessMeasured(records)], whole: [fairnessCurrent(records)] }),
  },
];
