import { checkMap } from './check-map.ts';
import {
  type CheckContext,
  checkAllowed,
  checkAssign,
  checkNumberField,
  checkTemplate,
  isNumberWithin,
  isObject,
  type Json,
  type NumberBounds,
  SCHEMA,
} from './checks.ts';
import {
  BRANCH_FIELDS,
  CATCHER_FIELDS,
  CHOICE_RULE_FIELDS,
  INTEGRATION_ARGUMENTS,
  REQUIRED_ARGUMENTS,
  RETRIER_FIELDS,
  STATE_FIELDS,
} from './fields.ts';
import { parseResource } from './resource.ts';
import { isTimestamp } from './timestamp.ts';

export type CheckChild = (graph: Json, path: string, isolated: boolean) => void;

/** States that end with a result of their own. */
const WITH_RESULT: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map']);

const SECONDS = { min: 0, max: 99_999_999 };
const POSITIVE_SECONDS = { min: 1, max: 99_999_999 };

const checkErrorEquals = (rule: Json, path: string, isLast: boolean, context: CheckContext): void => {
  const names = rule.ErrorEquals;
  if (!Array.isArray(names) || names.length === 0 || names.some((name) => typeof name !== 'string')) {
    context.report(SCHEMA, 'ErrorEquals must be a non-empty list of error names', `${path}/ErrorEquals`);
  } else if (names.includes('States.ALL') && (names.length > 1 || !isLast)) {
    context.report(SCHEMA, 'States.ALL must appear alone and in the last rule', `${path}/ErrorEquals`);
  }
};

const rulesOf = (state: Json, field: string, context: CheckContext): readonly Json[] => {
  const list = state[field];
  if (list === undefined) return [];
  if (Array.isArray(list) && list.every(isObject)) return list;
  context.report(SCHEMA, 'Expected type of Array of Objects', `${context.path}/${field}`);
  return [];
};

const checkRetriers = (state: Json, context: CheckContext): void => {
  const retriers = rulesOf(state, 'Retry', context);
  for (const [i, retrier] of retriers.entries()) {
    const path = `${context.path}/Retry/${i}`;
    checkAllowed(retrier, RETRIER_FIELDS, path, context.report);
    checkErrorEquals(retrier, path, i === retriers.length - 1, context);
    const number = (field: string, bounds: NumberBounds): void => {
      const value = retrier[field];
      if (value === undefined || isNumberWithin(value, bounds)) return;
      const kind = bounds.fraction === true ? 'a number' : 'an integer';
      context.report(SCHEMA, `Expected ${kind} between ${bounds.min} and ${bounds.max}`, `${path}/${field}`);
    };
    number('IntervalSeconds', { min: 1, max: 99_999_999 });
    number('MaxAttempts', { min: 0, max: 99_999_999 });
    number('BackoffRate', { min: 1, max: 1_000_000, fraction: true });
    number('MaxDelaySeconds', { min: 1, max: 31_622_400 });
    if (![undefined, 'FULL', 'NONE'].includes(retrier.JitterStrategy as string)) {
      context.report(SCHEMA, 'Value is not valid. Allowed values: ["FULL", "NONE"]', `${path}/JitterStrategy`);
    }
  }
};

const checkCatchers = (state: Json, context: CheckContext): void => {
  const catchers = rulesOf(state, 'Catch', context);
  for (const [i, catcher] of catchers.entries()) {
    const path = `${context.path}/Catch/${i}`;
    checkAllowed(catcher, CATCHER_FIELDS, path, context.report);
    checkErrorEquals(catcher, path, i === catchers.length - 1, context);
    if (catcher.Next === undefined) context.report(SCHEMA, "Missing 'Next' field", path);
    checkTemplate(catcher.Output, `${path}/Output`, context, ['errorOutput']);
    checkAssign(catcher, path, context, ['errorOutput']);
  }
};

/** Members of an optimised integration's arguments, unless they are one expression that is known only later. */
const checkArguments = (
  { service, action, pattern }: { readonly service: string; readonly action: string; readonly pattern: string },
  given: unknown,
  { path, report }: CheckContext,
): void => {
  if (typeof given === 'string') return;
  const location = `${path}/Arguments`;
  const key = `${service}:${action}`;
  const named = isObject(given) ? given : {};
  const allowed = INTEGRATION_ARGUMENTS[key];
  for (const field of Object.keys(named)) {
    if (allowed?.includes(field) === false) {
      report(SCHEMA, `The field "${field}" is not supported by Step Functions`, location);
    }
  }
  for (const field of REQUIRED_ARGUMENTS[key] ?? []) {
    if (!(field in named)) report(SCHEMA, `The field "${field}" is required but was missing`, location);
  }
  if (pattern === 'waitForTaskToken' && !JSON.stringify(named).includes('Task.Token')) {
    report(SCHEMA, "Arguments must pass on '$states.context.Task.Token'", location);
  }
};

const checkTask = (state: Json, context: CheckContext): void => {
  const { path, report } = context;
  const arn = state.Resource;
  const resource = typeof arn === 'string' ? parseResource(arn) : undefined;
  if (!resource) {
    const shown = typeof arn === 'string' ? arn : JSON.stringify(arn ?? null);
    report(SCHEMA, `The resource provided ${shown} is not recognized or not supported here`, `${path}/Resource`);
  }
  const bounds = { ...POSITIVE_SECONDS };
  checkNumberField(state.TimeoutSeconds, `${path}/TimeoutSeconds`, context, bounds);
  checkNumberField(state.HeartbeatSeconds, `${path}/HeartbeatSeconds`, context, bounds);
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (typeof heartbeat === 'number' && typeof timeout === 'number' && heartbeat >= timeout) {
    report(SCHEMA, 'HeartbeatSeconds must be smaller than TimeoutSeconds', `${path}/HeartbeatSeconds`);
  }
  checkTemplate(state.Arguments, `${path}/Arguments`, context);
  if (resource?.kind === 'integration' && !resource.sdk) checkArguments(resource, state.Arguments, context);
};

const checkChoice = (state: Json, context: CheckContext): void => {
  const rules = rulesOf(state, 'Choices', context);
  if (rules.length === 0) context.report(SCHEMA, "Missing or empty 'Choices' field", `${context.path}/Choices`);
  for (const [i, rule] of rules.entries()) {
    const path = `${context.path}/Choices/${i}`;
    checkAllowed(rule, CHOICE_RULE_FIELDS, path, context.report);
    const condition = rule.Condition;
    if (typeof condition !== 'boolean' && !(typeof condition === 'string' && condition.startsWith('{%'))) {
      context.report(SCHEMA, 'Condition must be a JSONata expression or a boolean', `${path}/Condition`);
    }
    checkTemplate(condition, `${path}/Condition`, context);
    if (rule.Next === undefined) context.report(SCHEMA, "Missing 'Next' field", path);
    checkTemplate(rule.Output, `${path}/Output`, context);
    checkAssign(rule, path, context);
  }
};

const checkWait = (state: Json, context: CheckContext): void => {
  const given = ['Seconds', 'Timestamp'].filter((field) => state[field] !== undefined);
  if (given.length !== 1) context.report(SCHEMA, "Exactly one of 'Seconds' and 'Timestamp' is required", context.path);
  checkNumberField(state.Seconds, `${context.path}/Seconds`, context, SECONDS);
  const timestamp = state.Timestamp;
  checkTemplate(timestamp, `${context.path}/Timestamp`, context);
  if (timestamp === undefined || (typeof timestamp === 'string' && timestamp.startsWith('{%'))) return;
  if (typeof timestamp !== 'string' || !isTimestamp(timestamp)) {
    context.report(SCHEMA, 'Expected an ISO 8601 timestamp', `${context.path}/Timestamp`);
  }
};

const checkParallel = (state: Json, context: CheckContext, checkChild: CheckChild): void => {
  const branches = rulesOf(state, 'Branches', context);
  if (branches.length === 0) context.report(SCHEMA, "Missing or empty 'Branches' field", `${context.path}/Branches`);
  for (const [i, branch] of branches.entries()) {
    const path = `${context.path}/Branches/${i}`;
    checkAllowed(branch, BRANCH_FIELDS, path, context.report);
    checkChild(branch, path, false);
  }
  checkTemplate(state.Arguments, `${context.path}/Arguments`, context);
};

const checkFail = (state: Json, context: CheckContext): void => {
  for (const field of ['Error', 'Cause']) {
    const value = state[field];
    if (value !== undefined && typeof value !== 'string') {
      context.report(SCHEMA, 'Expected type of String', `${context.path}/${field}`);
    }
    checkTemplate(value, `${context.path}/${field}`, context);
  }
};

const checkFlow = (state: Json, context: CheckContext): void => {
  if (['Choice', 'Succeed', 'Fail'].includes(String(state.Type))) return;
  const { Next: next, End: end } = state;
  if (end !== undefined && typeof end !== 'boolean')
    context.report(SCHEMA, 'Expected type of Boolean', `${context.path}/End`);
  if (next === undefined && end !== true) context.report(SCHEMA, "Missing 'Next' or 'End' field", context.path);
  if (next !== undefined && end === true)
    context.report(SCHEMA, "Only one of 'Next' and 'End' is allowed", context.path);
};

/** A state says its language, or follows the machine's, which is JSONPath where that says nothing. */
const checkQueryLanguage = (state: Json, { path, report, queryLanguage }: CheckContext): void => {
  const language = state.QueryLanguage ?? queryLanguage ?? 'JSONPath';
  if (language === 'JSONata') return;
  const message =
    language === 'JSONPath' && queryLanguage === 'JSONata'
      ? 'QueryLanguage cannot be JSONPath where the state machine says JSONata'
      : `QueryLanguage must be JSONata: ${String(language)} is not supported here`;
  report(SCHEMA, message, `${path}/QueryLanguage`);
};

/** Checks one state; `checkChild` checks the states inside a branch or an item processor. */
export const checkState = (state: Json, context: CheckContext, checkChild: CheckChild): void => {
  const type = state.Type;
  const fields = typeof type === 'string' ? STATE_FIELDS[type] : undefined;
  if (!fields) {
    const allowed = JSON.stringify(Object.keys(STATE_FIELDS));
    context.report(SCHEMA, `Value is not valid. Allowed values: ${allowed}`, `${context.path}/Type`);
    return;
  }
  checkAllowed(state, fields, context.path, context.report);
  checkQueryLanguage(state, context);
  checkFlow(state, context);
  const available = WITH_RESULT.has(String(type)) ? (['result'] as const) : [];
  checkTemplate(state.Output, `${context.path}/Output`, context, available);
  checkAssign(state, context.path, context, available);
  checkRetriers(state, context);
  checkCatchers(state, context);
  if (type === 'Task') checkTask(state, context);
  else if (type === 'Choice') checkChoice(state, context);
  else if (type === 'Wait') checkWait(state, context);
  else if (type === 'Parallel') checkParallel(state, context, checkChild);
  else if (type === 'Map') checkMap(state, context, checkChild);
  else if (type === 'Fail') checkFail(state, context);
};
