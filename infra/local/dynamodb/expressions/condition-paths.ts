import type { Condition, DocumentPath, Operand } from './syntax.ts';

const pathsOf = (operand: Operand): readonly DocumentPath[] => {
  if (operand.kind === 'size') return pathsOf(operand.operand);
  return operand.kind === 'path' ? [operand.path] : [];
};

/** The operands that stand directly in a condition, without those of its parts. */
export const operandsOf = (condition: Condition): readonly Operand[] => {
  if (condition.kind === 'compare') return [condition.left, condition.right];
  if (condition.kind === 'between') return [condition.operand, condition.low, condition.high];
  if (condition.kind === 'in') return [condition.operand, ...condition.candidates];
  return condition.kind === 'function' ? condition.operands : [];
};

/** Every path that a condition reads, unresolved. */
export const attributePathsOf = (condition: Condition): readonly DocumentPath[] => {
  if (condition.kind === 'and' || condition.kind === 'or') {
    return [...attributePathsOf(condition.left), ...attributePathsOf(condition.right)];
  }
  if (condition.kind === 'not') return attributePathsOf(condition.condition);
  return operandsOf(condition).flatMap(pathsOf);
};
