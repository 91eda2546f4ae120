import * as v from 'valibot';

/** When something runs again and again, in UTC. */
export const ScheduleExpression = v.pipe(
  v.string(),
  v.regex(/^(rate|cron)\(.+\)$/, 'must be an EventBridge Scheduler rate(...) or cron(...) expression'),
);
