import * as v from 'valibot';
import { closedObject } from '../closed-object.ts';
import { VersionParameter } from './platform.ts';

/** Requests of the platform API about the governance of versions. */

const Reason = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(1_000));

/** Body of `POST …/retire`, `…/reinstate` and `…/archive`: each says why. */
export const LifecycleBody = closedObject({ reason: Reason });

const Metric = v.pipe(v.number(), v.finite());
const MetricName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z][\w.-]{0,63}$/, 'must be 1 to 64 characters in [A-Za-z0-9_.-], a letter first'),
);
const MOST_METRICS = 50;

/** Body of `POST …/evaluations`: what a version scored on a dataset. */
export const EvaluationBody = closedObject({
  /** Stands for the same rows wherever it is used. A run's own holdout is written by its pipeline alone. */
  dataset: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9][\w.:/@-]{0,127}$/, 'must be 1 to 128 characters in [A-Za-z0-9_.:/@-]'),
    v.check((name) => !name.startsWith('holdout:'), 'must not begin with holdout:'),
  ),
  digest: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 digest in hex'))),
  metrics: v.pipe(
    v.record(MetricName, Metric),
    v.check((metrics) => {
      const count = Object.keys(metrics).length;
      return count >= 1 && count <= MOST_METRICS;
    }, `must have 1 to ${MOST_METRICS} metrics`),
  ),
});

/** Body of `POST …/comments`. */
export const CommentBody = closedObject({ text: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(4_000)) });

/** Query of `GET …/report`: a page for people, or its data. */
export const ReportQuery = closedObject({ format: v.optional(v.picklist(['html', 'json']), 'html') });

/** Query of `GET …/card`: how it is written, and which one; absent, the one of now. */
export const CardQuery = closedObject({
  format: v.optional(v.picklist(['json', 'md', 'html']), 'json'),
  cardVersion: v.optional(VersionParameter),
});
