import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../../../../infra/local/iam/policy/conditions.ts';

const holds = (condition: object, values: Readonly<Record<string, readonly string[]>>): boolean =>
  compileConditions(condition as Readonly<Record<string, unknown>>)((key) => values[key]);

const VIA = 'kms:ViaService';
const via = (service: string) => ({ 'kms:viaservice': [service] });
const QUEUE_RULE = 'arn:aws:events:us-east-1:000000000000:rule/millrace/drift';

describe('a condition', () => {
  it.each<[string, object, Readonly<Record<string, readonly string[]>>, boolean]>([
    ['StringEquals takes one of several', { StringEquals: { [VIA]: ['a', 'b'] } }, via('b'), true],
    ['StringEquals minds the case', { StringEquals: { [VIA]: 'A' } }, via('a'), false],
    ['StringEqualsIgnoreCase does not', { StringEqualsIgnoreCase: { [VIA]: 'A' } }, via('a'), true],
    ['StringEquals fails for a key that is absent', { StringEquals: { [VIA]: 'a' } }, {}, false],
    ['StringNotEquals holds for a key that is absent', { StringNotEquals: { [VIA]: 'a' } }, {}, true],
    ['StringEqualsIfExists holds for a key that is absent', { StringEqualsIfExists: { [VIA]: 'a' } }, {}, true],
    ['StringLike has wildcards', { StringLike: { [VIA]: 's3.*.amazonaws.com' } }, via('s3.x.amazonaws.com'), true],
    ['StringNotLike turns them around', { StringNotLike: { [VIA]: 's3.*' } }, via('s3.x'), false],
    ['a key has no case', { StringEquals: { 'KMS:viaSERVICE': 'a' } }, via('a'), true],
    [
      'ArnLike compares part by part',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/millrace/*' } },
      { 'aws:sourcearn': [QUEUE_RULE] },
      true,
    ],
    [
      'ArnEquals has wildcards too, and none that crosses a colon',
      { ArnEquals: { 'aws:SourceArn': 'arn:aws:*:rule/millrace/*' } },
      { 'aws:sourcearn': [QUEUE_RULE] },
      false,
    ],
    ['Bool reads text', { Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:securetransport': ['true'] }, false],
    ['Null asks for absence', { Null: { 'aws:SourceArn': 'true' } }, {}, true],
    ['Null asks for presence', { Null: { 'aws:SourceArn': 'false' } }, {}, false],
    ['NumericLessThan compares numbers', { NumericLessThan: { 's3:max-keys': '10' } }, { 's3:max-keys': ['9'] }, true],
    [
      'DateGreaterThan compares instants',
      { DateGreaterThan: { 'aws:CurrentTime': '2001-01-01T00:00:00Z' } },
      { 'aws:currenttime': ['2001-01-01T00:00:01Z'] },
      true,
    ],
    [
      'IpAddress takes a network',
      { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
      { 'aws:sourceip': ['127.0.0.1'] },
      true,
    ],
    [
      'NotIpAddress leaves it out',
      { NotIpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
      { 'aws:sourceip': ['127.1.0.1'] },
      false,
    ],
    [
      'ForAllValues wants every value',
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a', 'b'] } },
      { 'dynamodb:leadingkeys': ['a', 'c'] },
      false,
    ],
    ['ForAllValues holds for no value', { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a'] } }, {}, true],
    [
      'ForAnyValue wants one',
      { 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': ['a'] } },
      { 'dynamodb:leadingkeys': ['a', 'c'] },
      true,
    ],
    ['ForAnyValue fails for no value', { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['*'] } }, {}, false],
    [
      'all of several must hold',
      { StringEquals: { [VIA]: 'a' }, Bool: { 'aws:SecureTransport': 'true' } },
      { ...via('a'), 'aws:securetransport': ['false'] },
      false,
    ],
  ])('%s', (_claim, condition, values, expected) => {
    expect(holds(condition, values)).toBe(expected);
  });

  it('is refused by name when its operator or its key has no behaviour here', () => {
    expect(() => holds({ BinaryEquals: { [VIA]: 'a' } }, {})).toThrow('condition operator BinaryEquals');
    expect(() => holds({ StringEquals: { 'aws:PrincipalTag/team': 'a' } }, {})).toThrow(
      'condition key aws:PrincipalTag/team',
    );
  });
});
