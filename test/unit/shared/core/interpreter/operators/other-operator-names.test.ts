import { expect, it } from 'vitest';
import { OTHER_OPERATOR_NAMES } from '../../../../../../shared/core/interpreter/operators/other-operator-names.ts';
import { otherOperatorNames } from '../../../../../../shared/core/interpreter/operators/other-operators.ts';

it('the names of the other operators are theirs, each once', () => {
  expect([...OTHER_OPERATOR_NAMES].toSorted()).toEqual(otherOperatorNames().toSorted());
});
