import { describe, expect, it } from 'vitest';
import { parseRunFilter, parseRunOrderBy } from '../../../../../../shared/core/tracking/index.ts';

const parsed = (text: string): readonly unknown[] =>
  parseRunFilter(text).map(({ field, comparator, value }) => [field.kind, field.key, comparator, value]);

describe('the filter of runs', () => {
  it.each([
    ['metrics.acc > 0.5', 'metric', 'acc', '>', 0.5],
    ['metric.acc>=-1', 'metric', 'acc', '>=', -1],
    ['metrics.`a b/c.d` != 1e-3', 'metric', 'a b/c.d', '!=', 0.001],
    ['metrics."a b" < .5', 'metric', 'a b', '<', 0.5],
    ['metrics.a.b.c <= 5.', 'metric', 'a.b.c', '<=', 5],
    ['metrics.é = 1', 'metric', 'é', '=', 1],
    ["params.lr = '0.1'", 'param', 'lr', '=', '0.1'],
    ['param.lr = "it\'s"', 'param', 'lr', '=', "it's"],
    ["parameters.lr like 'a%'", 'param', 'lr', 'LIKE', 'a%'],
    ["parameter.lr Ilike '%'", 'param', 'lr', 'ILIKE', '%'],
    ["params.lr = ''", 'param', 'lr', '=', ''],
    ["tags.mlflow.source.type = 'x AND y'", 'tag', 'mlflow.source.type', '=', 'x AND y'],
    ["tag.t = 'it''s'", 'tag', 't', '=', "it''s"],
    ["tag.t = 'a\\'b'", 'tag', 't', '=', "a\\'b"],
    ["tag.t = 'C:\\'", 'tag', 't', '=', 'C:\\'],
    ["status = 'RUNNING'", 'attribute', 'status', '=', 'RUNNING'],
    ["attributes.status != 'RUNNING'", 'attribute', 'status', '!=', 'RUNNING'],
    ["attr.user_id = 'me'", 'attribute', 'user_id', '=', 'me'],
    ["run.artifact_uri LIKE 's3%'", 'attribute', 'artifact_uri', 'LIKE', 's3%'],
    ["`run name` = 'x'", 'attribute', 'run_name', '=', 'x'],
    ['attribute."Run Name" = \'x\'', 'attribute', 'run_name', '=', 'x'],
    ["run_name = 'x'", 'attribute', 'run_name', '=', 'x'],
    ['created > 5', 'attribute', 'start_time', '>', 5],
    ['start_time = 5', 'attribute', 'start_time', '=', 5],
    ['end_time < 5', 'attribute', 'end_time', '<', 5],
    ["datasets.name = 'x'", 'dataset', 'name', '=', 'x'],
    ["dataset.context LIKE 'x'", 'dataset', 'context', 'LIKE', 'x'],
  ])('reads %s', (text, ...clause) => {
    expect(parsed(text)).toEqual([clause]);
  });

  it('joins clauses by AND in any case', () => {
    expect(parsed("metrics.a = 1 and params.b = 'x'\nAND tags.c = 'y'")).toHaveLength(3);
  });

  it('asks for everything when it is blank or absent', () => {
    expect(parseRunFilter(undefined)).toEqual([]);
    expect(parseRunFilter(' \n ')).toEqual([]);
  });

  it('drops listed values that are not all in lower case', () => {
    expect(parsed("run_id IN ('a', 'B1', '1')")).toEqual([['attribute', 'run_id', 'IN', ['a', '1']]]);
    expect(parsed("dataset.digest not in ('a',)")).toEqual([['dataset', 'digest', 'NOT IN', ['a']]]);
  });

  it.each([
    ['metrics.a = 1 OR metrics.b = 2', /Invalid clause\(s\) in filter string: 'OR'/],
    ['(metrics.a = 1)', /Invalid clause\(s\) in filter string: '\('/],
    ['metrics.a = 1; metrics.b = 2', /Invalid clause\(s\) in filter string: ';/],
    ['metrics.a = 1 AND', /it ends too early/],
    ['metrics.a = 1 metrics.b = 2', /Invalid clause/],
    ['NOT metrics.a = 1', /Invalid/],
    ['metrics.a', /it ends too early/],
    ['metrics.a =', /Expected numeric value type for metric 'a'. Found nothing/],
    ["metrics.a = '1'", /Expected numeric value type/],
    ['metrics.a = NaN', /Expected numeric value type/],
    ['metrics.a == 1', /Invalid comparator '=='/],
    ["metrics.a LIKE '1'", /Invalid comparator 'LIKE' for metric 'a'/],
    ["params.a > '1'", /Invalid comparator '>'/],
    ["params.a NOT LIKE '1'", /Invalid comparator 'NOT LIKE'/],
    ["params.a IN ('1')", /Invalid comparator 'IN'/],
    ["status IN ('a')", /Invalid comparator 'IN'/],
    ['params.a = 1', /Expected a quoted string value for param 'a'/],
    ['params.a = x', /Expected a quoted string value/],
    ["params.a = 'x", /quote without end/],
    ["tags.my-tag = 'x'", /needs back-ticks/],
    ["Metrics.a = '1'", /Invalid entity type 'Metrics'/],
    ["experiment_id = '1'", /Invalid attribute key 'experiment_id'/],
    ["constructor = '1'", /Invalid attribute key 'constructor'/],
    ["toString.a = '1'", /Invalid entity type 'toString'/],
    ["dataset.foo = 'x'", /Invalid dataset key 'foo'/],
    ['run_id IN ()', /got empty list/],
    ["run_id IN ('a' 'b')", /got ill-formed list/],
    ["run_id IN ('a', ", /a list without end/],
    ['run_id IN (1)', /got '1'/],
    ["run_id IN 'a'", /expected a non-empty list/],
    ["run_id = ('a')", /takes one value, got a list/],
    ['params.a IS NULL', /Invalid clause/],
  ])('refuses %s', (text, message) => {
    expect(() => parseRunFilter(text)).toThrow(message);
  });

  it('bounds length, clauses and patterns', () => {
    const clauses = Array.from({ length: 101 }, () => 'metrics.a = 1').join(' AND ');

    expect(() => parseRunFilter(clauses)).toThrow(/at most 100 clauses/);
    expect(() => parseRunFilter(`params.a LIKE '${'x'.repeat(2_001)}'`)).toThrow(/at most 2000 characters/);
    expect(() => parseRunFilter(' '.repeat(200_001))).toThrow(/at most 200000 characters/);
  });
});

const orderOf = (...list: readonly string[]): readonly string[] =>
  parseRunOrderBy(list).map(({ field, ascending }) => `${field.kind}.${field.key} ${ascending ? 'ASC' : 'DESC'}`);

describe('the order of runs', () => {
  const TIES = ['attribute.start_time DESC', 'attribute.run_id ASC'];

  it('is newest first where none is asked for', () => {
    expect(orderOf()).toEqual(TIES);
  });

  it.each([
    ['metrics.acc DESC', 'metric.acc DESC'],
    ['metrics.`a b`', 'metric.a b ASC'],
    ['params."a.b" desc', 'param.a.b DESC'],
    ['tags.mlflow.user asc', 'tag.mlflow.user ASC'],
    ['attributes.end_time DESC', 'attribute.end_time DESC'],
    ['status', 'attribute.status ASC'],
    ['`run name`', 'attribute.run_name ASC'],
  ])('reads %s', (text, expected) => {
    expect(orderOf(text)).toEqual([expected, ...TIES]);
  });

  it('has no tie that is asked for already', () => {
    expect(orderOf('created ASC')).toEqual(['attribute.start_time ASC', 'attribute.run_id ASC']);
  });

  it.each([
    [['metrics.a b DESC'], /Invalid order_by clause 'metrics.a b DESC'/],
    [['metrics.a DESC x'], /Invalid order_by clause/],
    [['metrics.a DOWN'], /Invalid ordering key/],
    [['metrics.a, metrics.b'], /Invalid order/],
    [[''], /Invalid order_by clause ''/],
    [['nothing'], /Invalid attribute key 'nothing'/],
    [['dataset.name'], /Invalid dataset key 'name'/],
    [['metrics.a', 'metric.a DESC'], /contains duplicate fields: metric 'a'/],
    [['created', 'start_time'], /contains duplicate fields/],
    [["'a'"], /Invalid order_by clause/],
  ])('refuses %j', (list, message) => {
    expect(() => parseRunOrderBy(list)).toThrow(message);
  });
});
