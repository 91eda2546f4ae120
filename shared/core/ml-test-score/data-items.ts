import { DAY_MS } from '../../kernel/time.ts';
import type { ModelRecords } from './model-records.ts';
import { count, evidenceAt, fresh, lacksDaily, nameSome, type Requirement, show } from './requirement.ts';
import { ATTESTED_HALF, RESULTS_WHOLE, type RubricItem, recordedResults } from './rubric-item.ts';

/** Tests for features and data. */

const schema = ({ materials }: ModelRecords): Requirement => {
  const asked = { action: 'give each number feature a min or a max in the definition', effort: 'definition' } as const;
  if (materials === undefined) {
    return {
      ...asked,
      lacks: 'no bill of materials of the version in service is on record',
      action: 'train a version',
    };
  }
  const { features } = materials.content;
  const numbers = features.filter(({ type }) => type === 'number');
  const boundless = numbers.filter(({ min, max }) => min === undefined && max === undefined).map(({ name }) => name);
  if (boundless.length > 0) return { ...asked, lacks: `no range is expected of ${nameSome(boundless)}` };
  const nullable = features.filter((feature) => feature.nullable).length;
  const what = `${count(features.length, 'feature')} with a type, ${numbers.length} with a range, ${nullable} may be missing`;
  return { ...asked, lacks: '', found: evidenceAt(materials, what) };
};

export const trainingRowsChecked = ({ featureReport }: ModelRecords): Requirement => {
  const asked = { action: 'train a version by the pipeline, which checks its rows', effort: 'command' } as const;
  if (featureReport === undefined)
    return { ...asked, lacks: 'no check of the rows that the version learnt from is on record' };
  const { passed, findings, rowCount } = featureReport.content;
  if (!passed) return { ...asked, lacks: `the training rows did not hold: ${findings.join('; ')}` };
  return { ...asked, lacks: '', found: evidenceAt(featureReport, `${rowCount} training rows held every check`) };
};

const servedRowsChecked = ({ drift, nowMs }: ModelRecords): Requirement => {
  const asked = { action: 'let the drift check run over enough predictions', effort: 'time' } as const;
  const found = fresh(drift, nowMs);
  const { outOfRangeShareMax, missingShareMax, rowCount } = found?.content ?? {};
  if (found === undefined || outOfRangeShareMax === undefined || missingShareMax === undefined) {
    const lacks =
      found === undefined ? lacksDaily('drift report', drift, nowMs) : `${rowCount} predictions were too few`;
    return { ...asked, lacks };
  }
  const what = `${rowCount} served rows held against the ranges: at most ${show(outOfRangeShareMax)} of a feature's values out of range, ${show(missingShareMax)} missing`;
  return { ...asked, lacks: '', found: evidenceAt(found, what) };
};

const importanceKnown = ({ report }: ModelRecords): Requirement => {
  const asked = { action: 'train a version by the pipeline, which reports on it', effort: 'command' } as const;
  const importance = report?.content.importance ?? [];
  if (report === undefined || importance.length === 0)
    return { ...asked, lacks: 'no importance of features is on record' };
  const [first] = importance.toSorted((a, b) => b.lossIncrease - a.lossIncrease);
  const what = `${importance.length} features by how much the loss rises without their order; most for ${first?.feature}: ${show(first?.lossIncrease ?? 0)}`;
  return { ...asked, lacks: '', found: evidenceAt(report, what) };
};

const eachFeatureHelps = ({ report }: ModelRecords): Requirement => {
  const asked = {
    action: 'leave out the features that are not shown to help, and train',
    effort: 'definition',
  } as const;
  const importance = report?.content.importance ?? [];
  if (report === undefined || importance.length === 0) return { ...asked, lacks: 'no feature is shown to help' };
  const unknown = importance.filter(({ interval }) => interval === undefined).map(({ feature }) => feature);
  if (unknown.length > 0) {
    return { lacks: `no interval is on record for ${nameSome(unknown)}`, action: 'train a version', effort: 'command' };
  }
  const idle = importance.filter(({ interval }) => (interval?.lower ?? 0) <= 0).map(({ feature }) => feature);
  if (idle.length > 0) return { ...asked, lacks: `not shown to help, the interval holds 0: ${nameSome(idle)}` };
  return { ...asked, lacks: '', found: evidenceAt(report, 'the 95 % interval (by days) of every feature is above 0') };
};

/** The way of a feature to all traffic is that of its version, from the start of the run that made it. */
const leadTimes = ({ rollouts, runs, featureLists }: ModelRecords) => {
  const startOf = new Map(runs.map(({ version, startedAtMs }) => [version, startedAtMs]));
  const lists = new Map(featureLists.map(({ version, features }) => [version, new Set(features)]));
  const promoted = rollouts.filter(({ status, kind }) => status === 'PROMOTED' && kind === 'model').toReversed();
  return promoted.flatMap(({ version, previousVersion, endedAtMs, rolloutId }) => {
    const fromMs = startOf.get(version);
    if (fromMs === undefined || endedAtMs === undefined) return [];
    const before = previousVersion === undefined ? undefined : lists.get(previousVersion);
    const added = before === undefined ? [] : [...(lists.get(version) ?? [])].filter((name) => !before.has(name));
    return [{ version, rolloutId, endedAtMs, days: (endedAtMs - fromMs) / DAY_MS, added }];
  });
};

const FASTEST_DAYS = 30;

const showDays = (days: number): string => (days < 1 ? `${show(24 * days)} hours` : `${show(days)} days`);

const leadTimeKnown = (records: ModelRecords): Requirement => {
  const newest = leadTimes(records).at(-1);
  const asked = { action: 'let a version reach all traffic', effort: 'time' } as const;
  if (newest === undefined) return { ...asked, lacks: 'no version was promoted: how long a change takes is not known' };
  const what = `version ${newest.version} took ${showDays(newest.days)} from the start of its run to all traffic`;
  return {
    ...asked,
    lacks: '',
    found: { what, where: `registry: rollout ${newest.rolloutId}`, atMs: newest.endedAtMs },
  };
};

const newFeatureQuick = (records: ModelRecords): Requirement => {
  const asked = { action: 'add a feature to the definition, deploy and train', effort: 'work' } as const;
  const found = leadTimes(records).findLast(({ added }) => added.length > 0);
  if (found === undefined)
    return { ...asked, lacks: 'no version with a feature that the one before lacks was promoted' };
  const { version, added, days, rolloutId, endedAtMs } = found;
  if (days > FASTEST_DAYS)
    return { ...asked, lacks: `${nameSome(added)} took ${show(days)} days, more than ${FASTEST_DAYS}` };
  const what = `version ${version} brought ${nameSome(added)} to all traffic within ${showDays(days)}`;
  return { ...asked, lacks: '', found: { what, where: `registry: rollout ${rolloutId}`, atMs: endedAtMs } };
};

export const DATA_ITEMS: readonly RubricItem[] = [
  {
    item: 'data-1',
    section: 'data',
    title: 'Feature expectations are captured in a schema',
    halfPoint:
      'the bill of materials has each feature with its type, whether it may be missing, and a range for numbers',
    wholePoint:
      'the rows learnt from held it by the run’s own check, and a drift check of the last 3 days held served rows against it',
    find: (records) => ({
      half: [schema(records)],
      whole: [trainingRowsChecked(records), servedRowsChecked(records)],
    }),
  },
  {
    item: 'data-2',
    section: 'data',
    title: 'All features are beneficial',
    halfPoint: 'the version’s evaluation report has the permutation importance of each feature',
    wholePoint: 'its 95 % interval, by the days of the holdout, is above 0 for every feature',
    find: (records) => ({ half: [importanceKnown(records)], whole: [eachFeatureHelps(records)] }),
  },
  {
    item: 'data-3',
    section: 'data',
    title: 'No feature’s cost is too much',
    halfPoint: ATTESTED_HALF,
    wholePoint: RESULTS_WHOLE('data-3'),
    find: (records) => ({ half: [], whole: [recordedResults(records, 'data-3', 'weighing features’ costs')] }),
  },
  {
    item: 'data-4',
    section: 'data',
    title: 'Features adhere to meta-level requirements',
    halfPoint: ATTESTED_HALF,
    wholePoint: RESULTS_WHOLE('data-4'),
    find: (records) => ({ half: [], whole: [recordedResults(records, 'data-4', 'the policy on features')] }),
  },
  {
    item: 'data-5',
    section: 'data',
    title: 'The data pipeline has appropriate privacy controls',
    halfPoint: ATTESTED_HALF,
    wholePoint: RESULTS_WHOLE('data-5'),
    find: (records) => ({ half: [], whole: [recordedResults(records, 'data-5', 'privacy controls')] }),
  },
  {
    item: 'data-6',
    section: 'data',
    title: 'New features can be added quickly',
    halfPoint: 'how long a version took from the start of its run to all traffic is on record',
    wholePoint: `a version with a feature that the one before lacks took at most ${FASTEST_DAYS} days`,
    find: (records) => ({ half: [leadTimeKnown(records)], whole: [newFeatureQuick(records)] }),
  },
  {
    item: 'data-7',
    section: 'data',
    title: 'All input feature code is tested',
    halfPoint: ATTESTED_HALF,
    wholePoint: RESULTS_WHOLE('data-7'),
    find: (records) => ({ half: [], whole: [recordedResults(records, 'data-7', 'tests of the feature code')] }),
  },
];
