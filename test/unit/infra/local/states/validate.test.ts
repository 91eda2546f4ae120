import { describe, expect, it } from 'vitest';
import { definitionMessage, validateDefinition } from '../../../../../infra/local/states/definition/validate.ts';

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'f' }, End: true };

/** A distributed Map, its ItemProcessor and itself with these fields. */
const distributed = (processor: object, fields: object = {}): Record<string, unknown> => ({
  Type: 'Map',
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'B',
    States: { B: TASK },
    ...processor,
  },
  End: true,
  ...fields,
});

const reader = (ReaderConfig: object): object => ({
  Resource: 'arn:aws:states:::s3:getObject',
  Arguments: { Bucket: 'b', Key: 'k' },
  ReaderConfig,
});

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
    [
      'for the result before there is one',
      { A: { ...TASK, Arguments: { FunctionName: 'f', Payload: '{% $states.result.x %}' } } },
      "SCHEMA_VALIDATION_FAILED: The variable '$states.result' is not accessible in this field at /States/A/Arguments/Payload",
    ],
    [
      'for the result of a state that has none',
      { A: { Type: 'Pass', Output: '{% $count($states.result) %}', End: true } },
      "SCHEMA_VALIDATION_FAILED: The variable '$states.result' is not accessible in this field at /States/A/Output",
    ],
    [
      'for the error output outside a catcher',
      { A: { ...TASK, Output: '{% $states.errorOutput.Error %}' } },
      "SCHEMA_VALIDATION_FAILED: The variable '$states.errorOutput' is not accessible in this field at /States/A/Output",
    ],
    [
      'for the result inside a catcher',
      { A: { ...TASK, Catch: [{ ErrorEquals: ['States.ALL'], Assign: { x: '{% $states.result %}' }, Next: 'A' }] } },
      "SCHEMA_VALIDATION_FAILED: The variable '$states.result' is not accessible in this field at /States/A/Catch/0/Assign/x",
    ],
    [
      'for states that only reach each other',
      { A: TASK, B: { Type: 'Pass', Next: 'C' }, C: { Type: 'Pass', Next: 'B' } },
      'MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C',
    ],
    [
      'for a target that only looks like one',
      { A: { Type: 'Pass', Next: 'toString' } },
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: toString at /States/A/Next",
    ],
    [
      'for half an attempt',
      { A: { ...TASK, Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1.5 }] } },
      'SCHEMA_VALIDATION_FAILED: Expected an integer between 0 and 99999999 at /States/A/Retry/0/MaxAttempts',
    ],
    [
      'for a timestamp that is none',
      { A: { Type: 'Wait', Timestamp: '2001-01-01', End: true } },
      'SCHEMA_VALIDATION_FAILED: Expected an ISO 8601 timestamp at /States/A/Timestamp',
    ],
    [
      'for express children',
      { A: distributed({ ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } }) },
      'SCHEMA_VALIDATION_FAILED: The ExecutionType EXPRESS is not supported here: use STANDARD at /States/A/ItemProcessor/ProcessorConfig/ExecutionType',
    ],
    [
      'for the kind of children of an inline Map',
      { A: distributed({ ProcessorConfig: { Mode: 'INLINE', ExecutionType: 'STANDARD' } }) },
      "SCHEMA_VALIDATION_FAILED: Field 'ExecutionType' is supported by a DISTRIBUTED Map only at /States/A/ItemProcessor/ProcessorConfig/ExecutionType",
    ],
    [
      'for a manifest',
      { A: distributed({}, { ItemReader: reader({ InputType: 'MANIFEST' }) }) },
      'SCHEMA_VALIDATION_FAILED: The InputType MANIFEST is not supported here: list the objects instead at /States/A/ItemReader/ReaderConfig/InputType',
    ],
    [
      'for headers of a file that has its own',
      {
        A: distributed(
          {},
          { ItemReader: reader({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', CSVHeaders: ['a'] }) },
        ),
      },
      "SCHEMA_VALIDATION_FAILED: 'CSVHeaders' is allowed with CSVHeaderLocation GIVEN only at /States/A/ItemReader/ReaderConfig/CSVHeaders",
    ],
    [
      "for another type's field",
      { A: distributed({}, { ItemReader: reader({ InputType: 'PARQUET', ItemsPointer: '/a' }) }) },
      "SCHEMA_VALIDATION_FAILED: Field 'ItemsPointer' is allowed with the InputType JSON only at /States/A/ItemReader/ReaderConfig/ItemsPointer",
    ],
    [
      'for a writer without a place',
      { A: distributed({}, { ResultWriter: {} }) },
      "SCHEMA_VALIDATION_FAILED: One of 'Resource' and 'WriterConfig' is required at /States/A/ResultWriter",
    ],
    [
      'for a label with a space',
      { A: distributed({}, { Label: 'a b' }) },
      'SCHEMA_VALIDATION_FAILED: Label must be 1 to 40 characters without spaces and special characters at /States/A/Label',
    ],
    [
      'for a label that repeats',
      {
        A: { ...distributed({}, { Label: 'a' }), End: undefined, Next: 'C' },
        C: distributed({ StartAt: 'D', States: { D: TASK } }, { Label: 'a' }),
      },
      'SCHEMA_VALIDATION_FAILED: Label must be unique: a at /States/C/Label',
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

  it.each(['$states.input.a ?? 1', '[1].($states.input ?: 2)'])(
    "for an operator that AWS's JSONata lacks: %s",
    (source) => {
      const pass = (text: string) => faults({ A: { Type: 'Pass', Output: `{% ${text} %}`, End: true } });

      expect(pass(source)[0]).toMatch(
        /The JSONata expression is not valid: Step Functions evaluates JSONata 2.0.6, which has no operator '\?[?:]'/,
      );
      expect(pass('$exists($states.input.a) ? $states.input.a : $states.input ? $states.input : 1')).toEqual([]);
    },
  );

  it('for states in JSONPath, also where nobody says so; a machine in JSONPath may have states in JSONata', () => {
    const jsonata = { ...TASK, QueryLanguage: 'JSONata' };

    expect(faults({ A: TASK }, { QueryLanguage: 'JSONPath' })).toEqual([
      'SCHEMA_VALIDATION_FAILED: QueryLanguage must be JSONata: JSONPath is not supported here at /States/A/QueryLanguage',
    ]);
    expect(faults({ A: TASK }, { QueryLanguage: undefined })).toHaveLength(1);
    expect(faults({ A: { ...TASK, QueryLanguage: 'JSONPath' } })).toEqual([
      'SCHEMA_VALIDATION_FAILED: QueryLanguage cannot be JSONPath where the state machine says JSONata at /States/A/QueryLanguage',
    ]);
    expect(faults({ A: jsonata }, { QueryLanguage: undefined })).toEqual([]);
    expect(faults({ A: jsonata }, { QueryLanguage: 'XPath' })[0]).toContain('Allowed values: ["JSONPath", "JSONata"]');
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
        A: {
          ...TASK,
          TimeoutSeconds: '{% 60 %}',
          Retry: [{ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL', BackoffRate: 1.5 }],
          Output: '{% [$states.result, $states.input, $states.context.Execution.Id] %}',
          Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'M' }],
          End: undefined,
          Next: 'M',
        },
        M: distributed(
          {},
          {
            Label: 'rows',
            ItemReader: reader({
              InputType: 'CSV',
              CSVHeaderLocation: 'GIVEN',
              CSVHeaders: ['a'],
              CSVDelimiter: 'TAB',
            }),
            ResultWriter: { WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSONL' } },
            ToleratedFailurePercentage: 2.5,
          },
        ),
      }),
    ).toEqual([]);
  });
});
