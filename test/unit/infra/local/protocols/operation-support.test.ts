import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../../../infra/local/contracts.ts';
import { readFields } from '../../../../../infra/local/protocols/fields.ts';
import { createJsonHandler, type JsonOperation } from '../../../../../infra/local/protocols/json.ts';
import { recordOptions } from '../../../../../infra/local/protocols/operation-support.ts';

const describeOperation = async (operation: JsonOperation) => {
  const handler = createJsonHandler({ targetPrefix: 'Test', version: '1.1', operations: { Put: operation } });
  const [support] = await handler.operations();
  return support;
};

describe('an operation tells', () => {
  it('what its reader asks for, at any depth, and does nothing', async () => {
    const acted: unknown[] = [];

    const support = await describeOperation((input) => {
      acted.push(
        readFields(input, {}, (fields) => {
          fields.ignore('tags are not read back', 'Tags');
          return [
            fields.requiredText('Name'),
            fields.object('Target', (target) => target.text('Arn')),
            fields.list('Rules', (rule) => rule.object('Filter', (filter) => filter.flag('On'))),
          ];
        }),
      );
    });

    expect(support).toEqual({
      name: 'Put',
      supported: ['Name', 'Rules', 'Rules[].Filter', 'Rules[].Filter.On', 'Target', 'Target.Arn'],
      ignored: [{ option: 'Tags', reason: 'tags are not read back' }],
      required: ['Name'],
    });
    expect(acted).toEqual([]);
  });

  it('of options that only some values of a choice lead to, and of two that exclude each other', async () => {
    const support = await describeOperation((input) =>
      readFields(input, {}, (fields) => {
        if (fields.choice('Mode', ['OFF', 'SLOW', 'FAST']) === 'FAST') fields.integer('Speed', { min: 1, max: 9 });
        const [plain, extended] = [fields.text('Statistic'), fields.text('Extended')];
        if ((plain === undefined) === (extended === undefined)) throw fields.refuse('Statistic', 'or Extended');
        return fields.text('After');
      }),
    );

    expect(support?.supported).toEqual(['After', 'Extended', 'Mode', 'Speed', 'Statistic']);
    expect(support?.gap).toBeUndefined();
  });

  it('that its reader stopped, when it looks something up', async () => {
    const support = await describeOperation((input) =>
      readFields(input, {}, (fields) => {
        fields.requiredText('TopicArn');
        throw new AwsError('NotFound', 'Topic does not exist');
      }),
    );

    expect(support).toMatchObject({ supported: ['TopicArn'], gap: 'Topic does not exist' });
  });

  it('names of its own, when it reads by other means', async () => {
    const support = await describeOperation((input) => {
      recordOptions(input, ['TableName', 'Key']);
      throw new Error('a real request comes this far, a recorded run does not');
    });

    expect(support).toEqual({ name: 'Put', supported: ['Key', 'TableName'], ignored: [], required: [] });
  });

  it('of an option without a reason that none was given', async () => {
    const support = await describeOperation((input) => readFields(input, {}, (fields) => fields.accept('Tags')));

    expect(support?.ignored).toEqual([{ option: 'Tags', reason: 'no reason given' }]);
  });
});
