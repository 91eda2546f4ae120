import { HOUR_MS } from '../../kernel/time.ts';
import type { FeatureSpec, Task } from './feature-spec.ts';
import { sqlName, sqlNumber } from './sql-text.ts';
import { partCondition, type TrainingSplit } from './training-split.ts';

interface FeatureCounts {
  readonly name: string;
  readonly missingCount: number;
  /** Outside the declared range, or beyond what a float32 can hold. */
  readonly outOfRangeCount: number;
}

/** What the checks know of the rows. */
export interface InputAggregates {
  readonly rowCount: number;
  readonly distinctKeyCount: number;
  readonly newestLabelKnownAtMs: number;
  /** Rows whose label was known before its own event. */
  readonly earlyLabelCount: number;
  /** Labels that the task does not allow: not 0 or 1 for a classification, not finite for a regression. */
  readonly badLabelCount: number;
  readonly labelMean: number;
  readonly labelMin: number;
  readonly labelMax: number;
  readonly features: readonly FeatureCounts[];
}

const FLOAT32_MAX = 3.4028234663852886e38;

const outOfRangeExpression = ({ name, type, min, max }: FeatureSpec): string => {
  if (type === 'category') return 'false';
  const column = sqlName(name);
  return `${column} < ${sqlNumber(min ?? -FLOAT32_MAX)} OR ${column} > ${sqlNumber(max ?? FLOAT32_MAX)}`;
};

/** Gives one row of counts over everything that the refit would train on; read it with `decodeInputAggregates`. */
export const inputAggregatesSql = ({
  task,
  features,
  split,
}: {
  readonly task: Task;
  readonly features: readonly FeatureSpec[];
  readonly split: TrainingSplit;
}): string => {
  const badLabel = task === 'regression' ? 'NOT isfinite(label)' : 'label NOT IN (0, 1)';
  const perFeature = features.flatMap((feature, i) => [
    `count(*) FILTER (${sqlName(feature.name)} IS NULL) AS missing_${i}`,
    `count(*) FILTER (${outOfRangeExpression(feature)}) AS out_of_range_${i}`,
  ]);
  return `SELECT count(*) AS row_count, count(DISTINCT row_key) AS distinct_key_count,
max(label_known_at_ms) AS newest_label_known_at_ms,
count(*) FILTER (label_known_at_ms < event_at_ms) AS early_label_count,
count(*) FILTER (${badLabel}) AS bad_label_count,
avg(label ORDER BY event_at_ms, row_key) AS label_mean, min(label) AS label_min, max(label) AS label_max,
${perFeature.join(',\n')}
FROM feature_rows WHERE ${partCondition('all', split)}`;
};

/** The row of `inputAggregatesSql` as aggregates; an empty table gives zeros. */
export const decodeInputAggregates = (
  features: readonly FeatureSpec[],
  row: Readonly<Record<string, unknown>> | undefined,
): InputAggregates => {
  const number = (name: string): number => Number(row?.[name] ?? 0);
  return {
    rowCount: number('row_count'),
    distinctKeyCount: number('distinct_key_count'),
    newestLabelKnownAtMs: number('newest_label_known_at_ms'),
    earlyLabelCount: number('early_label_count'),
    badLabelCount: number('bad_label_count'),
    labelMean: number('label_mean'),
    labelMin: number('label_min'),
    labelMax: number('label_max'),
    features: features.map(({ name }, i) => ({
      name,
      missingCount: number(`missing_${i}`),
      outOfRangeCount: number(`out_of_range_${i}`),
    })),
  };
};

export interface InputLimits {
  readonly minRows: number;
  readonly maxAgeHours: number;
  readonly minLabelShare: number;
  readonly maxLabelShare: number;
  readonly maxOutOfRangeShare: number;
  readonly maxMissingShare: number;
}

type InputCheck =
  | 'row-count'
  | 'unique-keys'
  | 'label-age'
  | 'label-time'
  | 'label-values'
  | 'label-share'
  | 'missing-share'
  | 'out-of-range-share';

interface InputFinding {
  readonly check: InputCheck;
  readonly feature?: string;
  readonly value: number;
  readonly limit: number;
  /** The finding as a sentence, with its numbers. */
  readonly message: string;
}

export interface InputVerdict {
  readonly passed: boolean;
  readonly findings: readonly InputFinding[];
}

const round = (value: number): number => Number(value.toPrecision(4));

const rowFindings = (aggregates: InputAggregates, limits: InputLimits, asOfMs: number): readonly InputFinding[] => {
  const { rowCount, distinctKeyCount, newestLabelKnownAtMs, earlyLabelCount } = aggregates;
  const findings: InputFinding[] = [];
  if (rowCount < limits.minRows) {
    const message = `training needs at least ${limits.minRows} labelled rows, got ${rowCount}`;
    findings.push({ check: 'row-count', value: rowCount, limit: limits.minRows, message });
  }
  // Without rows there is nothing else to say.
  if (rowCount === 0) return findings;
  const repeatedCount = rowCount - distinctKeyCount;
  if (repeatedCount > 0) {
    const message = `row_key must be unique, got ${repeatedCount} repeated of ${rowCount} rows`;
    findings.push({ check: 'unique-keys', value: repeatedCount, limit: 0, message });
  }
  const ageHours = (asOfMs - newestLabelKnownAtMs) / HOUR_MS;
  if (ageHours > limits.maxAgeHours) {
    const message = `the newest label must be at most ${limits.maxAgeHours} h old, got ${round(ageHours)} h`;
    findings.push({ check: 'label-age', value: ageHours, limit: limits.maxAgeHours, message });
  }
  if (earlyLabelCount > 0) {
    const message = `no label may be known before its own event, got ${earlyLabelCount} of ${rowCount} rows`;
    findings.push({ check: 'label-time', value: earlyLabelCount, limit: 0, message });
  }
  return findings;
};

const labelFindings = (task: Task, aggregates: InputAggregates, limits: InputLimits): readonly InputFinding[] => {
  const { rowCount, badLabelCount, labelMean, labelMin, labelMax } = aggregates;
  if (rowCount === 0) return [];
  if (badLabelCount > 0) {
    const allowed = task === 'regression' ? 'a finite number' : '0 or 1';
    const message = `label must be ${allowed}, got ${badLabelCount} others of ${rowCount} rows (from ${labelMin} to ${labelMax})`;
    return [{ check: 'label-values', value: badLabelCount, limit: 0, message }];
  }
  if (task === 'regression') {
    if (labelMin < labelMax) return [];
    const message = `label must vary, got ${labelMin} in each of ${rowCount} rows`;
    return [{ check: 'label-values', value: labelMin, limit: 0, message }];
  }
  const { minLabelShare, maxLabelShare } = limits;
  if (labelMean >= minLabelShare && labelMean <= maxLabelShare) return [];
  const message = `the share of positive labels must be in [${minLabelShare}, ${maxLabelShare}], got ${round(labelMean)}`;
  const limit = labelMean < minLabelShare ? minLabelShare : maxLabelShare;
  return [{ check: 'label-share', value: labelMean, limit, message }];
};

const featureFindings = (
  spec: FeatureSpec,
  { missingCount, outOfRangeCount }: FeatureCounts,
  rowCount: number,
  limits: InputLimits,
): readonly InputFinding[] => {
  const findings: InputFinding[] = [];
  const feature = spec.name;
  const missingShare = missingCount / rowCount;
  if (!spec.nullable && missingShare > limits.maxMissingShare) {
    const message = `feature ${feature} must be missing in at most ${limits.maxMissingShare} of the rows, got ${round(missingShare)} (${missingCount} of ${rowCount})`;
    findings.push({ check: 'missing-share', feature, value: missingShare, limit: limits.maxMissingShare, message });
  }
  const outOfRangeShare = outOfRangeCount / rowCount;
  if (outOfRangeShare > limits.maxOutOfRangeShare) {
    const range = `[${spec.min ?? '-∞'}, ${spec.max ?? '∞'}]`;
    const message = `feature ${feature} must be outside ${range} in at most ${limits.maxOutOfRangeShare} of the rows, got ${round(outOfRangeShare)} (${outOfRangeCount} of ${rowCount})`;
    const limit = limits.maxOutOfRangeShare;
    findings.push({ check: 'out-of-range-share', feature, value: outOfRangeShare, limit, message });
  }
  return findings;
};

/** Judges the rows before any training is paid for. Every breach is named with its number and its limit. */
export const checkInputs = ({
  task,
  features,
  limits,
  aggregates,
  asOfMs,
}: {
  readonly task: Task;
  readonly features: readonly FeatureSpec[];
  readonly limits: InputLimits;
  readonly aggregates: InputAggregates;
  readonly asOfMs: number;
}): InputVerdict => {
  const counts = new Map(aggregates.features.map((feature) => [feature.name, feature]));
  const findings = [
    ...rowFindings(aggregates, limits, asOfMs),
    ...labelFindings(task, aggregates, limits),
    ...features.flatMap((spec) => {
      const found = counts.get(spec.name);
      return found && aggregates.rowCount > 0 ? featureFindings(spec, found, aggregates.rowCount, limits) : [];
    }),
  ];
  return { passed: findings.length === 0, findings };
};
