import { expect, test } from 'vitest';
import { NO_VALUE, resolve, type Scope } from '../../../../../infra/local/deploy/intrinsics.ts';

/** `<Name>` in the text becomes the placeholder that `Fn::Sub` replaces. */
const variables = (text: string): string => text.replace(/<(.+?)>/g, '$' + '{$1}');
const sub = (text: string) => ({ 'Fn::Sub': variables(text) });

const refs: Readonly<Record<string, unknown>> = {
  'AWS::Region': 'us-east-1',
  'AWS::NoValue': NO_VALUE,
  Bucket: 'the-bucket',
  Zones: ['a', 'b'],
};

const scope: Scope = {
  region: 'us-east-1',
  ref: (name) => {
    if (!(name in refs)) throw new Error(`unresolved reference to ${name}`);
    return refs[name];
  },
  attribute: (logicalId, name) => `${logicalId}/${name}`,
  importValue: (name) => `imported ${name}`,
  condition: (name) => name === 'Yes',
  mapping: (map, first, second) => `${map}-${first}-${second}`,
};

test.each([
  [{ Ref: 'Bucket' }, 'the-bucket'],
  [{ 'Fn::GetAtt': ['Role', 'Arn'] }, 'Role/Arn'],
  [{ 'Fn::GetAtt': 'Cluster.Endpoint.Address' }, 'Cluster/Endpoint.Address'],
  [sub('a-<Bucket>-<AWS::Region>-<Role.Arn>-<!Literal>'), `a-the-bucket-us-east-1-Role/Arn-${variables('<Literal>')}`],
  [{ 'Fn::Sub': [variables('<x>/<Bucket>'), { x: { Ref: 'AWS::Region' } }] }, 'us-east-1/the-bucket'],
  [{ 'Fn::Join': ['-', ['x', { Ref: 'Bucket' }, 3]] }, 'x-the-bucket-3'],
  [{ 'Fn::Join': [',', { Ref: 'Zones' }] }, 'a,b'],
  [{ 'Fn::Select': [1, { 'Fn::Split': ['|', 'a|b|c'] }] }, 'b'],
  [{ 'Fn::Select': ['0', { 'Fn::GetAZs': '' }] }, 'us-east-1a'],
  [{ 'Fn::Base64': 'hi' }, 'aGk='],
  [{ 'Fn::ImportValue': sub('<Bucket>:x') }, 'imported the-bucket:x'],
  [{ 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'k'] }, 'M-us-east-1-k'],
  [{ 'Fn::If': ['Yes', 1, { Ref: 'NeverLookedAt' }] }, 1],
  [{ 'Fn::If': ['No', 1, { Ref: 'Bucket' }] }, 'the-bucket'],
  [{ 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Not': [{ Condition: 'No' }] }] }, true],
  [{ 'Fn::Or': [{ Condition: 'No' }, { 'Fn::Equals': [{ Ref: 'Bucket' }, 'the-bucket'] }] }, true],
  [{ 'Fn::Cidr': ['10.0.0.0/16', 3, 8] }, ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
  [{ a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }, 2] }, { b: [1, 2] }],
  [{ Condition: { StringEquals: { x: 'y' } } }, { Condition: { StringEquals: { x: 'y' } } }],
])('resolves %j', (value, expected) => {
  expect(resolve(value, scope)).toEqual(expected);
});

test('refuses an intrinsic function that it does not know, and a reference without target, by name', () => {
  expect(() => resolve({ 'Fn::Transform': { Name: 'AWS::Include' } }, scope)).toThrow('Fn::Transform is not supported');
  expect(() => resolve(sub('<Gone>'), scope)).toThrow('unresolved reference to Gone');
  expect(() => resolve({ 'Fn::Select': [7, ['a']] }, scope)).toThrow('Fn::Select finds no element 7');
});
