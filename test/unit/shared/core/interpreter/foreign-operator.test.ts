import { describe, expect, it } from 'vitest';
import { foreignOperator } from '../../../../../shared/core/interpreter/foreign-operator.ts';
import { interpretedOperators } from '../../../../../shared/core/interpreter/index.ts';
import { FIRST_OPERATOR_NAMES } from '../../../../../shared/core/interpreter/operators/first-operator-names.ts';
import { OTHER_OPERATOR_NAMES } from '../../../../../shared/core/interpreter/operators/other-operator-names.ts';
import { createProtobufWriter as message } from '../../../../../shared/core/training/protobuf-writer.ts';
import { fc } from '../../../../helpers/properties.ts';

const node = (operator: string) => {
  const [domain, name] = operator.includes(':') ? operator.split(':') : ['', operator];
  return message()
    .text(1, 'x')
    .text(2, 'y')
    .text(4, name ?? '')
    .text(7, domain ?? '');
};
const model = (...operators: readonly string[]): Uint8Array => {
  const graph = message().text(2, 'graph');
  for (const operator of operators) graph.message(1, node(operator));
  return message().integer(1, 8).message(7, graph).bytes();
};

describe('an operator that is not interpreted', () => {
  it('is found by names that are those of the interpreter, no more and no fewer', () => {
    const names = [...FIRST_OPERATOR_NAMES, ...OTHER_OPERATOR_NAMES];

    expect(names.toSorted()).toEqual([...interpretedOperators()].toSorted());
    expect(foreignOperator(model(...names))).toBeUndefined();
  });

  it('is the first such one of the graph, with its domain', () => {
    expect(foreignOperator(model('Concat', 'Mish', 'Sigmoid', 'Celu'))).toBe('Mish');
    expect(foreignOperator(model('ai.onnx.ml:TreeEnsembleClassifier', 'com.example:Relu'))).toBe('com.example:Relu');
    expect(foreignOperator(model('ai.onnx:Relu')), 'the default domain has two names').toBeUndefined();
  });

  it('is none of bytes that are no model, whatever they are', () => {
    expect(foreignOperator(new Uint8Array())).toBeUndefined();
    const whole = model('Concat', 'Mish');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(whole.length - 1), (bytes, size) => {
        expect([undefined, 'Mish']).toContain(foreignOperator(whole.subarray(0, size)));
        expect(() => foreignOperator(bytes)).not.toThrow();
      }),
    );
  });
});
