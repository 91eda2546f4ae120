import { DAY_MS, MINUTE_MS } from '../../kernel/time.ts';
import { trainingRowsChecked } from './data-items.ts';
import type { ModelRecords, Recorded, RecordedPerformance, RecordedSkew } from './model-records.ts';
import { count, evidenceAt, fresh, lacksDaily, nameSome, type Requirement, show } from './requirement.ts';
import type { RubricItem } from './rubric-item.ts';

/** Tests for monitoring. Points are for a test that runs, whatever it finds: what it finds stands in the evidence. */

const DAILY = { action: 'let the daily check run', effort: 'time' } as const;

/** A test of the daily suite that was carried out. */
const tested = ({ tests, nowMs }: ModelRecords, checks: readonly string[], what: string): Requirement => {
  const found = fresh(tests, nowMs);
  if (found === undefined) return { ...DAILY, lacks: lacksDaily('test report', tests, nowMs) };
  const carriedOut = found.content.tests.filter(({ check }) => checks.includes(check));
  if (carriedOut.length === 0) {
    const action = `let monitors.tests have one of ${checks.join(', ')} where it is not skipped`;
    return { action, effort: 'definition', lacks: `the daily tests skip ${what}` };
  }
  const told = carriedOut.map(({ check, reason, passed }) => `${check} ${passed ? 'passed' : 'failed'}: ${reason}`);
  return { ...DAILY, lacks: '', found: evidenceAt(found, told.slice(0, 2).join('; ')) };
};

const somebodyHears = ({ definition }: ModelRecords): Requirement => {
  const asked = {
    action: 'notifications: [{ to: "email", target: … }] in the definition',
    effort: 'definition',
  } as const;
  const targets = definition?.notificationCount ?? 0;
  if (targets === 0) return { ...asked, lacks: 'nobody is named who hears when what the model depends on changes' };
  return {
    ...asked,
    lacks: '',
    found: { what: `${count(targets, 'target')} to notify`, where: 'definition: notifications' },
  };
};

const servedRowsKnown = ({ drift, nowMs }: ModelRecords): Requirement => {
  const found = fresh(drift, nowMs);
  if (found === undefined) return { ...DAILY, lacks: lacksDaily('drift report', drift, nowMs) };
  const { outOfRangeShareMax: outOfRange, missingShareMax: missing, rowCount } = found.content;
  if (outOfRange === undefined || missing === undefined)
    return { ...DAILY, lacks: `${rowCount} predictions were too few` };
  const what = `${rowCount} served rows: at most ${show(outOfRange)} out of range, ${show(missing)} missing in a feature`;
  return { ...DAILY, lacks: '', found: evidenceAt(found, what) };
};

/** Only what the platform reads from its own feature store can be compared: a person can do no more than ask for it. */
const ASK_BY_ENTITY = {
  action: 'ask for predictions by entity ("entities" in the request): the next daily audit compares what they read',
  effort: 'command',
} as const;

const comparedNone = ({ where }: Recorded<RecordedSkew>): string =>
  `the newest audit of served features compared none: ${where}`;

const skewKnown = ({ skew, definition }: ModelRecords): Requirement => {
  if (skew !== undefined && skew.content.comparedCount > 0) {
    const { comparedCount, skewShareMax } = skew.content;
    const what = `${comparedCount} served values held against the training transform: at most ${show(skewShareMax)} of a feature’s differ`;
    return { ...DAILY, lacks: '', found: evidenceAt(skew, what) };
  }
  if (definition?.featureViewCount === 0) {
    return {
      lacks: 'callers bring every feature: what they compute it by is not known here',
      action: 'featureViews in the definition, so that one transform serves both',
      effort: 'work',
    };
  }
  return {
    ...ASK_BY_ENTITY,
    lacks: skew === undefined ? 'no audit of served features is on record' : comparedNone(skew),
  };
};

const skewCurrent = ({ skew, nowMs }: ModelRecords): Requirement => {
  const found = fresh(skew, nowMs);
  if (found === undefined) return { ...DAILY, lacks: lacksDaily('audit of served features', skew, nowMs) };
  if (found.content.comparedCount === 0) return { ...ASK_BY_ENTITY, lacks: comparedNone(found) };
  return { ...DAILY, lacks: '', found: evidenceAt(found, 'by the daily audit') };
};

const ageKnown = ({ version, nowMs }: ModelRecords): Requirement => {
  const asked = { action: 'millrace train {model}', effort: 'command' } as const;
  if (version === undefined) return { ...asked, lacks: 'no version is in service' };
  const days = (nowMs - version.trainedThroughMs) / DAY_MS;
  const what = `version ${version.version} knows everything until ${show(days)} days ago`;
  return {
    ...asked,
    lacks: '',
    found: { what, where: `registry: version ${version.version}`, atMs: version.registeredAtMs },
  };
};

const trainingFinite = ({ version, evaluation }: ModelRecords): Requirement => {
  const asked = { action: 'millrace train {model}', effort: 'command' } as const;
  const numbers = Object.entries(version?.metrics ?? {});
  if (version === undefined || evaluation === undefined || numbers.length === 0) {
    return { ...asked, lacks: 'no numbers of the training of the version in service are on record' };
  }
  const broken = [...numbers, ['loss', evaluation.content.loss] as const].filter(
    ([, value]) => !Number.isFinite(value),
  );
  if (broken.length > 0) return { ...asked, lacks: `not finite: ${nameSome(broken.map(([name]) => name))}` };
  const what = `${numbers.length} numbers of training and its loss on the holdout are finite`;
  return {
    ...asked,
    lacks: '',
    found: { what, where: `registry: version ${version.version}`, atMs: version.registeredAtMs },
  };
};

const servedFinite = ({ drift, nowMs }: ModelRecords): Requirement => {
  const found = fresh(drift, nowMs);
  if (found === undefined) return { ...DAILY, lacks: lacksDaily('drift report', drift, nowMs) };
  const { rowCount, watchedColumnCount, notFiniteColumns } = found.content;
  if (rowCount === 0) return { ...DAILY, lacks: 'no prediction came in the window of the drift check' };
  if (watchedColumnCount === undefined) {
    const action = 'train a version: those from before profiles by day are not counted';
    return { action, effort: 'command', lacks: 'values that are not finite were not counted in service' };
  }
  const told =
    notFiniteColumns.length === 0
      ? 'none more often than in the reference'
      : `more often in ${nameSome(notFiniteColumns)}`;
  return {
    ...DAILY,
    lacks: '',
    found: evidenceAt(found, `NaN and infinity counted in ${watchedColumnCount} served columns: ${told}`),
  };
};

const tracedFinite = ({ trace, nowMs }: ModelRecords): Requirement => {
  const found = fresh(trace, nowMs);
  if (found === undefined) return { ...DAILY, lacks: lacksDaily('trace of a prediction', trace, nowMs) };
  const { notFiniteCount, operatorCount } = found.content;
  if (notFiniteCount > 0)
    return { ...DAILY, lacks: `${notFiniteCount} values inside the model are not finite`, effort: 'work' };
  return {
    ...DAILY,
    lacks: '',
    found: evidenceAt(found, `every value that ${count(operatorCount, 'operator')} gave is finite`),
  };
};

/** A run that takes this many times the usual one is a regression. */
const SLOWEST_RUN = 2;

const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
};

const trainingSpeed = ({ runs }: ModelRecords): Requirement => {
  const asked = { action: 'millrace train {model}', effort: 'command' } as const;
  const timed = runs.flatMap(({ runId, version, startedAtMs, endedAtMs }) =>
    version === undefined || endedAtMs === undefined ? [] : [{ runId, endedAtMs, tookMs: endedAtMs - startedAtMs }],
  );
  const [newest, ...earlier] = timed;
  if (newest === undefined || earlier.length === 0) {
    return {
      ...asked,
      lacks: `${count(timed.length, 'run')} made a version: two are needed to compare how long they took`,
    };
  }
  const usualMs = medianOf(earlier.map(({ tookMs }) => tookMs));
  const told = `${show(newest.tookMs / MINUTE_MS)} minutes, usually ${show(usualMs / MINUTE_MS)} (${count(earlier.length, 'earlier run')})`;
  // A run within a minute is timed by its workflow's waits.
  if (newest.tookMs > SLOWEST_RUN * usualMs && newest.tookMs > MINUTE_MS) {
    return { lacks: `the newest training was slow: ${told}`, action: 'find what slowed it', effort: 'work' };
  }
  return {
    ...asked,
    lacks: '',
    found: { what: `training took ${told}`, where: `registry: run ${newest.runId}`, atMs: newest.endedAtMs },
  };
};

const servingSpeed = (records: ModelRecords): Requirement => {
  const { replay, nowMs } = records;
  const daily = tested(records, ['latency-ms'], 'the latency');
  if (daily.found !== undefined) return daily;
  const latency = fresh(replay, nowMs, Number.POSITIVE_INFINITY)?.content.latency;
  if (replay === undefined || latency === undefined) {
    return { ...daily, lacks: `${daily.lacks}, and no rollout compared the latency of the versions` };
  }
  const { challengerMs, championMs } = latency;
  const what = `a row took ${show(challengerMs)} ms, by the version before ${show(championMs)} ms, on the same ${replay.content.rowCount} inputs`;
  return { ...daily, lacks: '', found: evidenceAt(replay, what) };
};

const tellQuality = ({ status, limitCount, crossed }: RecordedPerformance): string => {
  if (crossed.length > 0) return `the quality in service crossed its limits of ${nameSome(crossed)}`;
  if (status !== 'within limits') return `the quality in service is ${status}`;
  return limitCount === 0
    ? 'the quality in service is measured, and held to no limit'
    : `the quality in service is within its ${count(limitCount, 'limit')}`;
};

const qualityKnown = ({ performance }: ModelRecords): Requirement => {
  const asked = { action: 'bring the labels: POST …/ground-truth', effort: 'time' } as const;
  if (performance === undefined || performance.content.status === 'not enough labels')
    return { ...asked, lacks: 'no quality of served predictions is on record' };
  return { ...asked, lacks: '', found: evidenceAt(performance, tellQuality(performance.content)) };
};

const qualityHeld = ({ performance, nowMs }: ModelRecords): Requirement => {
  const asked = { action: 'declare a limit in monitors.performance', effort: 'definition' } as const;
  const found = fresh(performance, nowMs);
  if (found === undefined) return { ...DAILY, lacks: lacksDaily('performance report', performance, nowMs) };
  const { limitCount, crossed, status } = found.content;
  if (status === 'not enough labels') return { ...DAILY, lacks: 'the newest performance report has not enough labels' };
  if (limitCount === 0) return { ...asked, lacks: 'the quality in service is held to no limit' };
  const told = crossed.length === 0 ? 'all held' : `crossed: ${nameSome(crossed)}`;
  return {
    ...asked,
    lacks: '',
    found: evidenceAt(found, `${count(limitCount, 'limit')} on the quality in service, ${told}`),
  };
};

export const MONITORING_ITEMS: readonly RubricItem[] = [
  {
    item: 'monitoring-1',
    section: 'monitoring',
    title: 'Dependency changes result in notification',
    halfPoint: 'the data that the version learnt from was checked on its way in, on record',
    wholePoint: 'the daily tests check schema and freshness, and somebody is named who hears',
    find: (records) => ({
      half: [trainingRowsChecked(records)],
      whole: [tested(records, ['schema-faults', 'freshness-hours'], 'schema and freshness'), somebodyHears(records)],
    }),
  },
  {
    item: 'monitoring-2',
    section: 'monitoring',
    title: 'Data invariants hold in training and serving inputs',
    halfPoint: 'the training rows held their checks, on record',
    wholePoint: 'and a drift check of the last 3 days says of served rows how many are out of range or missing',
    find: (records) => ({ half: [trainingRowsChecked(records)], whole: [servedRowsKnown(records)] }),
  },
  {
    item: 'monitoring-3',
    section: 'monitoring',
    title: 'Training and serving features compute the same values',
    halfPoint: 'an audit compared served features with the training transform',
    wholePoint: 'one of the last 3 days',
    find: (records) => ({ half: [skewKnown(records)], whole: [skewCurrent(records)] }),
  },
  {
    item: 'monitoring-4',
    section: 'monitoring',
    title: 'Models are not too stale',
    halfPoint: 'the age of what the version in service knows is on record',
    wholePoint: 'a daily test holds it to a limit',
    find: (records) => ({
      half: [ageKnown(records)],
      whole: [tested(records, ['staleness-days'], 'the age of the model')],
    }),
  },
  {
    item: 'monitoring-5',
    section: 'monitoring',
    title: 'The model is numerically stable',
    halfPoint: 'every number of the training and the evaluation of the version in service is finite',
    wholePoint:
      'in the last 3 days NaN and infinity were counted in what is served, and every value inside the model was finite on one example',
    find: (records) => ({ half: [trainingFinite(records)], whole: [servedFinite(records), tracedFinite(records)] }),
  },
  {
    item: 'monitoring-6',
    section: 'monitoring',
    title: 'No dramatic or slow-leak regression in training speed, serving latency, throughput or RAM usage',
    halfPoint: `the newest training took no longer than ${SLOWEST_RUN} times the usual one`,
    wholePoint: 'and the latency is held by a daily test, or was compared between the versions before the rollout',
    find: (records) => ({ half: [trainingSpeed(records)], whole: [servingSpeed(records)] }),
  },
  {
    item: 'monitoring-7',
    section: 'monitoring',
    title: 'No regression in prediction quality on served data',
    halfPoint: 'the quality of labelled predictions in service is on record',
    wholePoint: 'a performance report of the last 3 days holds it to limits',
    find: (records) => ({ half: [qualityKnown(records)], whole: [qualityHeld(records)] }),
  },
];
