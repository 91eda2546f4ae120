import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../../../../../infra/local/dynamodb/expressions/parse-condition.ts';

const complaint = (text: string): string => {
  try {
    parseCondition(text, 'ConditionExpression');
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('condition syntax', () => {
  it('binds NOT before AND before OR', () => {
    const { node } = parseCondition('NOT a = :v AND b = :v OR c = :v', 'ConditionExpression');

    expect(node).toMatchObject({
      kind: 'or',
      left: { kind: 'and', left: { kind: 'not' } },
      right: { kind: 'compare' },
    });
  });

  it('takes keywords in any case, function names in theirs alone', () => {
    expect(complaint('a between :a and :b oR Not c In (:a, :b)')).toBe('accepted');
    expect(complaint('BEGINS_WITH(a, :v)')).toBe(
      'Invalid ConditionExpression: Invalid function name; function: BEGINS_WITH',
    );
  });

  it('notes every placeholder', () => {
    expect(parseCondition('#a.b[3].#c = :v AND size(#d) > :w', 'ConditionExpression')).toMatchObject({
      names: ['#a', '#c', '#d'],
      values: [':v', ':w'],
    });
  });

  it.each([
    ['', 'Invalid ConditionExpression: The expression can not be empty;'],
    ['a = ', 'Syntax error; token: "<EOF>"'],
    ['a ! b', 'Syntax error; token: "!"'],
    ['_a = :v', 'Syntax error; token: "_"'],
    ['status = :v', 'Attribute name is a reserved keyword; reserved keyword: status'],
    ['((a = :v))', 'The expression has redundant parentheses;'],
    ['contains(a)', 'Incorrect number of operands'],
    ['size(a)', 'The function is not allowed to be used this way'],
    ['if_not_exists(a, :v) = :v', 'The function is not allowed in a condition expression'],
    ['a[99999999999] = :v', 'List index is not within the allowable range'],
    ['('.repeat(4000), 'nested too deeply'],
    [`a = :v${' OR a = :v'.repeat(200)}`, 'too many operators; operator count: 301'],
    [`a = :${'v'.repeat(5000)}`, 'Expression size has exceeded the maximum allowed size'],
  ])('refuses %.30s', (text, message) => {
    expect(complaint(text)).toContain(message);
  });
});
