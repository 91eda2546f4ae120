export type {
  Composition,
  CompositionInput,
  CompositionNode,
  ModelNode,
  Row,
} from './composition.ts';
export {
  type CompositionAnswer,
  type CompositionPorts,
  evaluateComposition,
  type MemberAnswer,
  type MemberCall,
  type NodeTrace,
} from './evaluate-composition.ts';
