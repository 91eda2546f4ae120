import type { LoggedModel, LoggedModelMetric } from '../../../core/tracking/index.ts';

/** A logged model as it is stored. JSON has no NaN. */
export interface LoggedModelDocument extends Omit<LoggedModel, 'metrics'> {
  readonly metrics: readonly (Omit<LoggedModelMetric, 'value'> & { readonly value: number | 'NaN' })[];
}

export const toDocument = (model: LoggedModel): LoggedModelDocument => ({
  ...model,
  metrics: model.metrics.map(({ value, ...metric }) => ({ ...metric, value: Number.isNaN(value) ? 'NaN' : value })),
});

export const fromDocument = (document: LoggedModelDocument): LoggedModel => ({
  ...document,
  metrics: document.metrics.map(({ value, ...metric }) => ({ ...metric, value: Number(value) })),
});
