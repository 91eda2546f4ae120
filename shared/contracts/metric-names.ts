/**
 * CloudWatch custom metrics. Namespace and dimension are the same for all; a custom metric costs about 0.30 $ a
 * month, so a model has nine, and one more for each thing that not every model has. Alarms and dashboards are built from
 * these names.
 */
export const METRIC_NAMESPACE = 'Millrace';
export const MODEL_DIMENSION = 'Model';
/** Value of the dimension: two stages may share an account. */
export const modelDimensionValue = (stage: string, model: string): string => `${stage}/${model}`;

export const METRIC_NAMES = {
  /** Statistic of the drift check ÷ its limit: above 1 it speaks for drift. */
  driftEvidence: 'DriftEvidence',
  /** Population stability index of the prediction over the trailing window. */
  predictionPsi: 'PredictionPsi',
  /** Largest population stability index among the features. */
  featurePsiMax: 'FeaturePsiMax',
  /** Largest missing share among the features. */
  missingShareMax: 'MissingShareMax',
  /** Captured predictions in the window. */
  windowRows: 'WindowRows',
  /** Log loss or RMSE of the newest days whose labels are in: that of the performance report. */
  loss: 'Loss',
  /** Area under the ROC curve of the same days (classification). */
  auc: 'Auc',
  /** 1 for every drift check that ran: its absence is the heartbeat alarm. */
  driftCheckRan: 'DriftCheckRan',
  /** Predictions answered but not captured. */
  captureFailed: 'CaptureFailed',
} as const;

/** Of models with feature views, beside those that every model has. */
export const FEATURE_METRIC_NAMES = {
  /** Largest share among the features of served values that are not what training would compute. */
  featureSkewShareMax: 'FeatureSkewShareMax',
} as const;

/** Of models whose groups are compared (`monitors.performance.fairness`), beside those that every model has. */
export const FAIRNESS_METRIC_NAMES = {
  /** Largest demographic parity or equalised odds difference of any division, of the same days as `Loss`. */
  groupDifference: 'GroupDifference',
} as const;

/** While a model has an A/B experiment, beside those that it always has. */
export const EXPERIMENT_METRIC_NAMES = {
  /** Evidence that versions do not get their shares: log10 of its e-value, 0 and more. */
  sampleRatioEvidence: 'SampleRatioEvidence',
} as const;

/** The alarm of a stage's model. Rules of other stacks find it by this name. */
export const alarmName = (
  stage: string,
  model: string,
  alarm: 'drift' | 'heartbeat' | 'errors' | 'capture' | 'skew' | 'sample-ratio',
): string => `millrace-${stage}-${model}-${alarm}`;
