import { describe, expect, it } from 'vitest';
import { definitionMessage, validateDefinition } from '../../../../../infra/local/states/definition/validate.ts';

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'f' }, End: true };

const faults = (states: Record<string, unknown>, fields: Record<string, unknown> = {}): readonly string[] => {
  const document = { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...fields };
  return validateDefinition(JSON.stringify(document)).diagnostics.map(
    ({ code, message, location }) => `${code}: ${message} at ${location}`,
  );
};

describe('a definition is refused', () => {
  it.each<readonly [string, Record<string, unknown>, string]>([
    [
      'for an unknown field',
      { A: { ...TASK, TimeoutSecond: 1 } },
      "SCHEMA_VALIDATION_FAILED: Field 'TimeoutSecond' is not supported at /States/A/TimeoutSecond",
    ],
    [
      'for a field of JSONPath',
      { A: { ...TASK, ResultPath: '$' } },
      "SCHEMA_VALIDATION_FAILED: Field 'ResultPath' is not supported because it belongs to JSONPath and the query language is JSONata at /States/A/ResultPath",
    ],
    [
      'for a missing target',
      { A: { ...TASK, End: undefined, Next: 'B' } },
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next",
    ],
    [
      'for a missing target of a catcher',
      { A: { ...TASK, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] } },
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Catch/0/Next",
    ],
    [
      'for an unreachable state',
      { A: TASK, B: TASK },
      'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
    ],
    [
      'for neither Next nor End',
      { A: { Type: 'Pass' } },
      "SCHEMA_VALIDATION_FAILED: Missing 'Next' or 'End' field at /States/A",
    ],
    [
      'for a resource that is not supported',
      { A: { ...TASK, Resource: 'arn:aws:states:::glue:startJobRun.sync' } },
      'SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::glue:startJobRun.sync is not recognized or not supported here at /States/A/Resource',
    ],
    [
      'for a misspelt argument',
      { A: { ...TASK, Arguments: { FunctionNam: 'f', FunctionName: 'f' } } },
      'SCHEMA_VALIDATION_FAILED: The field "FunctionNam" is not supported by Step Functions at /States/A/Arguments',
    ],
    [
      'for a missing argument',
      { A: { ...TASK, Arguments: {} } },
      'SCHEMA_VALIDATION_FAILED: The field "FunctionName" is required but was missing at /States/A/Arguments',
    ],
    [
      'for States.ALL among others',
      { A: { ...TASK, Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] } },
      'SCHEMA_VALIDATION_FAILED: States.ALL must appear alone and in the last rule at /States/A/Retry/0/ErrorEquals',
    ],
    [
      'for both kinds of Wait',
      { A: { Type: 'Wait', Seconds: 1, Timestamp: '2001-01-01T00:00:00Z', End: true } },
      "SCHEMA_VALIDATION_FAILED: Exactly one of 'Seconds' and 'Timestamp' is required at /States/A",
    ],
    [
      'for a reader in an inline Map',
      { A: { Type: 'Map', ItemReader: {}, ItemProcessor: { StartAt: 'B', States: { B: TASK } }, End: true } },
      "SCHEMA_VALIDATION_FAILED: Field 'ItemReader' is supported by a DISTRIBUTED Map only at /States/A/ItemReader",
    ],
    [
      'for a name that repeats in a branch',
      { A: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: TASK } }], End: true } },
      'DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches/0/States/A',
    ],
    [
      'for a variable of an outer scope that a branch assigns',
      {
        A: {
          Type: 'Parallel',
          Assign: { x: 1 },
          Branches: [{ StartAt: 'B', States: { B: { ...TASK, Assign: { x: 2 } } } }],
          End: true,
        },
      },
      "SCHEMA_VALIDATION_FAILED: The variable 'x' is already assigned in an outer scope at /States/A/Branches/0/States/B/Assign/x",
    ],
  ])('%s', (_why, states, fault) => {
    expect(faults(states)).toContain(fault);
  });

  it('for a syntax error in an expression, at its place', () => {
    const found = faults({ A: { Type: 'Pass', Output: { list: ['{% $states.input. %}'] }, End: true } });

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^SCHEMA_VALIDATION_FAILED: The JSONata expression is not valid: .* at \/States\/A\/Output\/list\/0$/,
    );
  });

  it('for JSONPath as the query language, and for none, which means JSONPath', () => {
    expect(faults({ A: TASK }, { QueryLanguage: 'JSONPath' })).toHaveLength(1);
    expect(faults({ A: TASK }, { QueryLanguage: undefined })[0]).toContain('JSONPath is not supported here');
  });

  it('with every fault in one message', () => {
    const { diagnostics } = validateDefinition(
      '{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass"},"B":{"Type":"Succeed"}}}',
    );

    expect(definitionMessage(diagnostics)).toBe(
      "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Missing 'Next' or 'End' field at /States/A, MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B'",
    );
  });

  it('and accepted when nothing is wrong', () => {
    expect(
      faults({
        A: { ...TASK, TimeoutSeconds: '{% 60 %}', Retry: [{ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL' }] },
      }),
    ).toEqual([]);
  });
});
