import { notImplemented, s3Error } from './errors.ts';
import { type LifecycleRule, MAX_RULES, RULE_DAYS, RULE_KEPT_VERSIONS, TRANSITION_CLASSES } from './lifecycle-rule.ts';
import { childrenNamed, childText, group, leaf, type XmlElement, xmlDocument } from './xml.ts';

/** Lifecycle rules as the document that requests and answers carry. */

interface Bounds {
  readonly min: number;
  readonly max: number;
}

const number = (element: XmlElement | undefined, name: string, { min, max }: Bounds): number | undefined => {
  const text = element && childText(element, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min) {
    throw s3Error('InvalidArgument', {}, `'${name}' must be an integer from ${min} to ${max}, got ${text}`);
  }
  if (value > max)
    throw s3Error('InvalidArgument', {}, `'${name}' must be an integer from ${min} to ${max}, got ${text}`);
  return value;
};

const only = (element: XmlElement, name: string): XmlElement | undefined => childrenNamed(element, name)[0];

const SIZES = { min: 0, max: 5 * 1024 ** 4 };

const readFilter = (rule: XmlElement): Pick<LifecycleRule, 'prefix' | 'tags' | 'largerThan' | 'smallerThan'> => {
  const filter = only(rule, 'Filter');
  const of = (filter && only(filter, 'And')) ?? filter;
  const tags = of === undefined ? [] : childrenNamed(of, 'Tag');
  const largerThan = number(of, 'ObjectSizeGreaterThan', SIZES);
  const smallerThan = number(of, 'ObjectSizeLessThan', SIZES);
  return {
    prefix: (of && childText(of, 'Prefix')) ?? childText(rule, 'Prefix') ?? '',
    ...(tags.length === 0
      ? {}
      : { tags: Object.fromEntries(tags.map((tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? ''])) }),
    ...(largerThan === undefined ? {} : { largerThan }),
    ...(smallerThan === undefined ? {} : { smallerThan }),
  };
};

const readTransitions = (elements: readonly XmlElement[], days: string) =>
  elements.map((element) => {
    if (childText(element, 'Date') !== undefined) throw notImplemented('Date of a Transition');
    const given = childText(element, 'StorageClass') ?? '';
    const storageClass = TRANSITION_CLASSES.find((candidate) => candidate === given);
    if (storageClass === undefined) throw notImplemented(`StorageClass ${given} of a transition`);
    const after = number(element, days, { min: 0, max: RULE_DAYS.max });
    if (after === undefined) throw s3Error('MalformedXML');
    return { days: after, storageClass };
  });

const readExpiration = (
  element: XmlElement | undefined,
): Pick<LifecycleRule, 'expirationDays' | 'expirationAtMs' | 'expiredMarkers'> => {
  const days = number(element, 'Days', RULE_DAYS);
  const date = element && childText(element, 'Date');
  const markers = element && childText(element, 'ExpiredObjectDeleteMarker') === 'true';
  return {
    ...(days === undefined ? {} : { expirationDays: days }),
    ...(date === undefined ? {} : { expirationAtMs: midnight(date) }),
    ...(markers === true ? { expiredMarkers: true } : {}),
  };
};

const DAY_MS = 24 * 60 * 60 * 1_000;

/** @throws AwsError InvalidArgument */
export const midnight = (date: string): number => {
  const atMs = Date.parse(date);
  if (Number.isNaN(atMs) || atMs % DAY_MS !== 0) throw s3Error('InvalidArgument', {}, "'Date' must be at midnight GMT");
  return atMs;
};

const readRule = (rule: XmlElement): LifecycleRule => {
  const status = childText(rule, 'Status');
  if (status !== 'Enabled' && status !== 'Disabled') throw s3Error('MalformedXML');
  const noncurrent = only(rule, 'NoncurrentVersionExpiration');
  const noncurrentDays = number(noncurrent, 'NoncurrentDays', RULE_DAYS);
  const keptVersions = number(noncurrent, 'NewerNoncurrentVersions', RULE_KEPT_VERSIONS);
  const abortUploadsAfterDays = number(only(rule, 'AbortIncompleteMultipartUpload'), 'DaysAfterInitiation', RULE_DAYS);
  const transitions = readTransitions(childrenNamed(rule, 'Transition'), 'Days');
  const later = readTransitions(childrenNamed(rule, 'NoncurrentVersionTransition'), 'NoncurrentDays');
  return {
    id: childText(rule, 'ID') ?? '',
    ...(status === 'Disabled' ? { disabled: true } : {}),
    ...readFilter(rule),
    ...readExpiration(only(rule, 'Expiration')),
    ...(noncurrentDays === undefined ? {} : { noncurrentDays }),
    ...(keptVersions === undefined ? {} : { keptVersions }),
    ...(abortUploadsAfterDays === undefined ? {} : { abortUploadsAfterDays }),
    ...(transitions.length === 0 ? {} : { transitions }),
    ...(later.length === 0 ? {} : { noncurrentTransitions: later }),
  };
};

/** A rule must do something. @throws AwsError */
const requireAction = (rule: LifecycleRule): LifecycleRule => {
  const { id: _, disabled: _d, prefix: _p, tags: _t, largerThan: _l, smallerThan: _s, ...actions } = rule;
  if (Object.keys(actions).length === 0) {
    throw s3Error('InvalidRequest', {}, 'At least one action needs to be specified in a rule.');
  }
  return rule;
};

/** @throws AwsError MalformedXML, InvalidArgument, InvalidRequest, NotImplemented */
export const readLifecycleDocument = (document: XmlElement): readonly LifecycleRule[] => {
  const rules = childrenNamed(document, 'Rule').map(readRule).map(requireAction);
  if (rules.length < 1 || rules.length > MAX_RULES) throw s3Error('MalformedXML');
  const ids = rules.map(({ id }) => id).filter((id) => id !== '');
  if (new Set(ids).size < ids.length) throw s3Error('InvalidArgument', {}, 'Rule ID must be unique.');
  return rules;
};

const filterElement = ({ prefix, tags = {}, largerThan, smallerThan }: LifecycleRule): string => {
  const parts = [
    leaf('Prefix', prefix === '' ? undefined : prefix),
    ...Object.entries(tags).map(([key, value]) => group('Tag', leaf('Key', key), leaf('Value', value))),
    leaf('ObjectSizeGreaterThan', largerThan),
    leaf('ObjectSizeLessThan', smallerThan),
  ].filter((part) => part !== '');
  if (parts.length === 0) return group('Filter', leaf('Prefix', ''));
  return group('Filter', parts.length === 1 ? parts.join('') : group('And', ...parts));
};

const optional = (name: string, ...children: readonly string[]): string =>
  children.every((child) => child === '') ? '' : group(name, ...children);

const ruleElement = (rule: LifecycleRule): string =>
  group(
    'Rule',
    leaf('ID', rule.id === '' ? undefined : rule.id),
    filterElement(rule),
    leaf('Status', rule.disabled === true ? 'Disabled' : 'Enabled'),
    optional(
      'Expiration',
      leaf('Days', rule.expirationDays),
      leaf('Date', rule.expirationAtMs === undefined ? undefined : new Date(rule.expirationAtMs).toISOString()),
      leaf('ExpiredObjectDeleteMarker', rule.expiredMarkers),
    ),
    optional(
      'NoncurrentVersionExpiration',
      leaf('NoncurrentDays', rule.noncurrentDays),
      leaf('NewerNoncurrentVersions', rule.keptVersions),
    ),
    optional('AbortIncompleteMultipartUpload', leaf('DaysAfterInitiation', rule.abortUploadsAfterDays)),
    ...(rule.transitions ?? []).map(({ days, storageClass }) =>
      group('Transition', leaf('Days', days), leaf('StorageClass', storageClass)),
    ),
    ...(rule.noncurrentTransitions ?? []).map(({ days, storageClass }) =>
      group('NoncurrentVersionTransition', leaf('NoncurrentDays', days), leaf('StorageClass', storageClass)),
    ),
  );

export const lifecycleDocument = (rules: readonly LifecycleRule[]): string =>
  xmlDocument('LifecycleConfiguration', ...rules.map(ruleElement));
